import type { SchedulerLike } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core/model';
import type { Status } from '../../src/ports/status.js';
import { SchemaRegistry } from '../../src/codec/schema-registry.js';
import { changeEventOf } from '../../src/subscribe/event-of.js';
import { topicStream, type EventStream } from '../../src/subscribe/event-stream.js';
import { resolveSubscribeOptions, type SubscribeOptions } from '../../src/subscribe/options.js';
import { ClientSubscriptions } from '../../src/subscribe/client-subscriptions.js';
import type { StreamContext } from '../../src/subscribe/stream-context.js';
import { FakeService, payloadOf, wireEvent } from './fake-service.js';

/** The change events of the fake service's one topic, and all around them. */
export interface ThingStream {
  readonly service: FakeService;
  readonly events$: EventStream<ChangeEvent<{ Name: string }>>;
  /** Makes another stream of the same topic, as a second `client.changes('Thing')` does. */
  readonly another: () => EventStream<ChangeEvent<{ Name: string }>>;
  readonly statuses: Status[];
  readonly warnings: string[];
  readonly subscriptions: ClientSubscriptions;
  /** Calls back at each status. */
  readonly onStatus: (listener: (status: Status) => void) => void;
}

/** What `client.changes('Thing')` makes, with a fake service behind it. */
export function thingStream(
  scheduler: SchedulerLike,
  options: SubscribeOptions = {},
  topic = '/data/ThingChangeEvent',
): ThingStream {
  const service = new FakeService();
  const statuses: Status[] = [];
  const warnings: string[] = [];
  const listeners: ((status: Status) => void)[] = [];
  const subscriptions = new ClientSubscriptions();
  subscriptions.status$.subscribe((status) => {
    statuses.push(status);
    listeners.forEach((listener) => listener(status));
  });
  const context: StreamContext = {
    transport: service,
    schemas: new SchemaRegistry(service),
    scheduler,
    nextTurn: (work) => service.nextTurn(work, (later) => void scheduler.schedule(later)),
    logger: { warn: (message) => warnings.push(message) },
    // The longest pauses that jitter can give.
    random: () => 1,
  };
  const another = () =>
    topicStream(context, subscriptions, topic, resolveSubscribeOptions(options), changeEventOf) as EventStream<
      ChangeEvent<{ Name: string }>
    >;
  return {
    service,
    events$: another(),
    another,
    statuses,
    warnings,
    subscriptions,
    onStatus: (listener) => void listeners.push(listener),
  };
}

/** The names of some things: `e0`, `e1`, and so on. */
export const range = (count: number, prefix = 'e') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** An event whose payload is cut off, so that it cannot be decoded. */
export const truncated = (name: string) => wireEvent(name, { payload: payloadOf(name).subarray(0, 20) });
