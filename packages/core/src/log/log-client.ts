import { defer, EMPTY, map, Subject, takeUntil, throwIfEmpty } from 'rxjs';
import { SchemaRegistry } from '../codec/schema-registry.js';
import type { PubSubClient, SubscribeOptionsOf } from '../client.js';
import { ConfigurationError } from '../model/errors.js';
import type { ChangeEvent, PlatformEvent, StreamEvent } from '../model/events.js';
import { changeTopic, eventTopic } from '../model/topic.js';
import { LONGEST_TIMER_MS, wholeNumber } from '../model/whole-number.js';
import type { ReplayFrom, ReplayOptions } from '../position/replay-options.js';
import { ClientSubscriptions } from '../subscribe/client-subscriptions.js';
import { changeEventOf, platformEventOf } from '../subscribe/event-of.js';
import { clientClosed, type EventStream } from '../subscribe/event-stream.js';
import type { EventOf } from '../subscribe/hand-out.js';
import { clientBasics } from '../subscribe/client-basics.js';
import { logStatus } from '../subscribe/log-status.js';
import { resolveSubscribeOptions, type SubscribeOptions } from '../subscribe/options.js';
import { resolveLogClientOptions, type LogClientOptions } from './log-client-options.js';
import type { LogContext } from './log-context.js';
import { LogGroups } from './log-groups.js';
import { logStream } from './log-stream.js';
import { logTransport } from './log-transport.js';
import { onceForAll } from '../ports/once-for-all.js';
import { lagsOf, type LagOptions, type PartitionLag } from './partition-lag.js';

/**
 * The events of an event log, with what a client of an org has for them. A function that takes a
 * `Pick<PubSubClient, 'changes'>` takes both.
 *
 * Other than at a client of an org, `replay.from` is `'earliest'` by default, and each event has `origin` and
 * `version`. A merged event has only the records of its partition.
 */
export interface LogClient extends Pick<
  PubSubClient,
  'changes' | 'events' | 'schema' | 'status$' | 'state' | 'drain' | 'close'
> {
  /**
   * How far each partition that this process reads is behind the end of the log, counted from its last position that
   * was made durable. Subscriptions without a store are left out. With `of: 'group'`, the partitions that other members
   * read are among them, by their positions in the store.
   *
   * A partition that the log or the store fails for is left out. Rejects with an `EventLogError`, or the error of the
   * store, when they fail for all.
   *
   * @throws rejects with a `ConfigurationError` when the options cannot be right.
   */
  lag(options?: LagOptions): Promise<readonly PartitionLag[]>;
}

const DRAIN_TIMEOUT_MS = 10_000;

/**
 * Makes a client that reads an event log, which `relayTo()` of `@rxforce/operators` fills. It needs no login.
 *
 * Any number of processes read one topic under one `replay.name`: each reads the partitions that are assigned to it,
 * and the changes of a record come in order. A subscription with a `lease` reads a partition while it holds the lease
 * of it.
 *
 * @throws `ConfigurationError` when an option cannot be right.
 */
export function createLogClient(options: LogClientOptions): LogClient {
  const settings = resolveLogClientOptions(options);
  const { schemaIds = 'verify', scheduler, logLevel = 'warn' } = options;
  const basics = clientBasics(options);
  const { scheduler: clock, logger } = basics;
  const subscriptions = new ClientSubscriptions();
  const draining$ = new Subject<void>();
  const groups = new LogGroups();
  const transport = logTransport(settings.log, onceForAll(logger, clock));
  const schemas = new SchemaRegistry(transport, schemaIds, scheduler);
  const context: LogContext = { ...settings, ...basics, transport, schemas, groups, draining$ };
  if (logLevel !== 'warn') logStatus(subscriptions.status$, options.logger ?? console, logLevel);
  const streamOf = <E extends StreamEvent>(topic: string, given: SubscribeOptions, eventOf: EventOf<E>) => {
    const resolved = resolveSubscribeOptions({ ...given, replay: fromEarliest(given.replay) });
    if (settings.membership && !resolved.lease) throw noLease();
    return logStream(context, subscriptions, topic, resolved, eventOf);
  };
  const close = () => subscriptions.close();
  return {
    changes: <T>(topicOrEntity: string, given: SubscribeOptionsOf<T> = {}) =>
      streamOf(changeTopic(topicOrEntity), given, changeEventOf) as EventStream<ChangeEvent<T>>,
    events: <T>(topic: string, given: SubscribeOptionsOf<T> = {}) =>
      streamOf(eventTopic(topic), given, platformEventOf) as EventStream<PlatformEvent<T>>,
    schema: (schemaId) =>
      defer(() => (subscriptions.closed ? EMPTY : schemas.load(schemaId))).pipe(
        map(({ id, json }) => ({ id, json })),
        takeUntil(subscriptions.completed),
        throwIfEmpty(clientClosed),
      ),
    status$: subscriptions.status$.asObservable(),
    lag: (lagOptions) =>
      lagsOf(settings.log, subscriptions.state(clock.now()).subscriptions, { ...lagOptions, groups: groups.all() }),
    state: () => ({ ...subscriptions.state(clock.now()), apiUsage: undefined }),
    drain: async ({ timeoutMs = DRAIN_TIMEOUT_MS } = {}) => {
      wholeNumber('timeoutMs', timeoutMs, 0, LONGEST_TIMER_MS);
      draining$.next();
      const report = await subscriptions.drain(timeoutMs);
      close();
      return report;
    },
    close,
  };
}

/** A log begins when it is made, and who reads it wants it whole. */
function fromEarliest(replay: ReplayFrom | ReplayOptions | undefined): ReplayFrom | ReplayOptions {
  if (replay === undefined) return 'earliest';
  // What is no object of options is checked where all options are.
  if (Object.prototype.toString.call(replay) !== '[object Object]' || 'toBytes' in (replay as object)) return replay;
  return { from: 'earliest', ...(replay as ReplayOptions) };
}

function noLease(): ConfigurationError {
  return new ConfigurationError(
    'A client with a membership needs a lease in the options of changes() and events(), such as redisLease() of ' +
      '@rxforce/replay-redis: for a moment two members may both take a partition for theirs, and the lease lets one read.',
  );
}
