import { createLogClient, type EventLog, type LogClient, type PlatformEvent } from '@rxforce/core';
import { ConfigurationError } from '@rxforce/core/model';
import { putAside } from '@rxforce/dead-letters';
import { relayTo } from '@rxforce/operators';
import type { Observable } from 'rxjs';
import { engineSectionOf, logOf, type EngineSection } from '../config/engine-section.js';
import { settingsLogger } from '../config/setting-words.js';
import type { Configuration } from '../config/settings/settings.js';
import { logOfClient, type Log } from './log.js';
import type { Storage } from './storage.js';
import type { SourceContext } from './topic-source.js';
import type { TopicPlan } from './topic-plan.js';

/** What a process does, where several share the work. */
export const ROLES = ['reader', 'worker'] as const;

/** A part in the work: the reader fills the log, and workers empty it. */
export type Role = (typeof ROLES)[number];

/** Fewest events of the window of a worker. */
const LOG_WINDOW = 1_000;

/** The log of a configuration, and for a worker its client. */
export interface ScaleOut {
  readonly log: EventLog;
  /** The client of a worker. */
  readonly client: LogClient | undefined;
}

/** What a process needs of a configuration to take part. */
type LogSettings = Pick<Configuration, EngineSection>;

/**
 * Checks that the role and the configuration belong together.
 *
 * @throws `ConfigurationError` when one is there without the other, or there is no such role.
 */
export function roleOf(given: string | undefined, settings: LogSettings): Role | undefined {
  const role = ROLES.find((each) => each === given);
  if (given !== undefined && role === undefined) {
    throw new ConfigurationError(`--role ${given}: there is no such role. There are ${ROLES.join(' and ')}.`);
  }
  const hasLog = logOf(settings) !== undefined;
  if (role !== undefined && !hasLog) {
    const needed = 'redis: { …, log: {} } or nats: { …, log: {} }';
    throw new ConfigurationError(`--role ${role} needs a log between readers and workers: ${needed}.`);
  }
  if (role === undefined && hasLog) {
    const section = engineSectionOf(settings) ?? '';
    throw new ConfigurationError(
      `${section}.log is there, so say what this process does: --role reader or --role worker.`,
    );
  }
  return role;
}

/**
 * Opens the log that the process has a part in. Nothing is connected yet; the engine closes it.
 *
 * @param plans - What is read of it.
 */
export function openScaleOut(role: Role, { engine }: Storage, logger: Log, plans: readonly TopicPlan[]): ScaleOut {
  const log = engine?.log();
  if (!engine || !log) throw new ConfigurationError('The configuration has no log.');
  if (role === 'reader') return { log, client: undefined };
  // The window is that of a subscription, not of each partition: a batch may have events of all of them.
  const windowTotal = Math.max(LOG_WINDOW, ...plans.map(({ window }) => window));
  const logging = { logger: settingsLogger(logOfClient(logger, plans)), logLevel: logger.level };
  return { log, client: createLogClient({ log, membership: engine.membership(), windowTotal, ...logging }) };
}

/** The plans of a reader: each topic once, as the log has it for all that read it. */
function relayedPlans(plans: readonly TopicPlan[], logName: string): readonly TopicPlan[] {
  const topics = [...new Map([...plans].reverse().map((plan) => [plan.topic, plan])).values()].reverse();
  return topics.map((plan) => ({ ...plan, name: `relay-${logName}` }));
}

/**
 * The plans whose positions are those of the org. With a log, the reader has them, and workers have those of its
 * partitions.
 */
export function positionPlans(plans: readonly TopicPlan[], settings: LogSettings): readonly TopicPlan[] {
  const log = logOf(settings);
  return log === undefined ? plans : relayedPlans(plans, log.name);
}

/** The way of a topic's events into the log. It completes when the client is drained. */
export function relayRun(plan: TopicPlan, context: SourceContext, log: EventLog): Observable<unknown> {
  const { stream, storage, logger, commitIntervalMs } = context;
  const { topic, name, from, onLost, window, refillAt, partitionBy } = plan;
  const { store, lease } = storage;
  const options = {
    replay: {
      ...{ from, name, commitIntervalMs, onInvalid: onLost === 'snapshot' ? 'fail' : onLost },
      ...(store && { store }),
    },
    ...{ window, refillAt, ...(lease && { lease }) },
    // An event that cannot be decoded would end the reader again after each restart.
    onUndecodable: putAside(storage.deadLetters(plan)),
    // Events are relayed as they came: of their fields, none is read but the one that says where they belong.
    fields: partitionBy === undefined ? [] : [partitionBy],
  } as const;
  if (!topic.startsWith('/event/')) {
    const changes$ = stream.changes(topic, options);
    return changes$.pipe(relayTo(log, { fencedBy: changes$, logger: settingsLogger(logger) }));
  }
  const events$ = stream.events(topic, options);
  const by = (event: PlatformEvent) => partitionKeyOf(event, partitionBy);
  return events$.pipe(relayTo(log, { fencedBy: events$, logger: settingsLogger(logger), partitionBy: by }));
}

function partitionKeyOf({ id, data }: PlatformEvent, field: string | undefined): string {
  const value: unknown = field === undefined ? id : data[field];
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
