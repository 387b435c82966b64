import type { PubSubClient, Status } from '@rxforce/core';
import type { Logger } from '@rxforce/core/model';
import { putAside } from '@rxforce/dead-letters';
import { records } from '@rxforce/records';
import type { Observable } from 'rxjs';
import { settingsLogger } from '../config/setting-words.js';
import type { Sink, SinkEvent } from '../sinks/sink.js';
import type { Storage } from './storage.js';
import type { TopicPlan } from './topic-plan.js';

/**
 * How long an event may wait for its sink, in milliseconds: as long as the org keeps events. Calls to sinks have
 * timeouts of their own.
 */
const LONGEST_OUTAGE_MS = 72 * 3_600_000;

/** Where events can be subscribed to. */
export type EventSource = Pick<PubSubClient, 'changes' | 'events' | 'schema'>;

/** What the events of a topic come from. */
export interface SourceContext {
  readonly client: PubSubClient;
  /** What the events are read from: the client, or a log. */
  readonly stream: EventSource;
  readonly storage: Storage;
  readonly logger: Logger;
  readonly commitIntervalMs: number;
  readonly sink: Sink | undefined;
}

/** The events of a topic, and what is reported of their stream. */
export type TopicStream = Observable<SinkEvent> & { readonly status$: Observable<Status> };

/** The events of a topic: its changes, or its records and then its changes, or its platform events. */
export function topicSource(plan: TopicPlan, context: SourceContext): TopicStream {
  const { client, stream, logger, sink } = context;
  const { topic, snapshot, fields } = plan;
  const options = optionsOf(plan, context);
  if (topic.startsWith('/event/')) return stream.events(topic, options);
  if (snapshot.length === 0) return stream.changes(topic, options);
  const { replay, window, refillAt, stuckAfterMs, onUndecodable, lease } = options;
  return records(client, snapshot, { logger: settingsLogger(logger), ...(fields && { fields }) }).changes({
    queryLagMs: plan.queryLagMs,
    ...{ topic, window, refillAt, onUndecodable, replay: { ...replay, onInvalid: plan.onLost } },
    ...(lease && { lease }),
    ...(stuckAfterMs !== undefined && { stuckAfterMs }),
    ...(sink?.sweep && { onRead: (entity, startedAt) => sink.sweep?.(entity, startedAt) }),
  });
}

function optionsOf(plan: TopicPlan, { storage, commitIntervalMs, sink }: SourceContext) {
  const { name, from, onLost, window, refillAt, fields } = plan;
  const { store, lease } = storage;
  const replay = {
    ...{ from, name, onInvalid: onLost === 'snapshot' ? 'fail' : onLost, commitIntervalMs },
    ...(store && { store }),
  } as const;
  return {
    ...{ replay, window, refillAt },
    ...(sink && { stuckAfterMs: LONGEST_OUTAGE_MS }),
    ...(lease && store ? { lease } : {}),
    ...(fields && { fields }),
    // One event that cannot be decoded must not stop all others.
    onUndecodable: putAside(storage.deadLetters(plan)),
  };
}
