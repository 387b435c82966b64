import { asyncScheduler, isObservable, type MonoTypeOperatorFunction, type Observable, type SchedulerLike } from 'rxjs';
import { operate, subscribeSource } from '@rxforce/core/delivery';
import { checkCount, checkFunction, keepFrame, type EventLog, type SubscriptionStatus } from '@rxforce/core/internal';
import { checkOptionNames, ConfigurationError, type Logger, type StreamEvent } from '@rxforce/core/model';
import type { PartitionBy } from './relay/relay-entries.js';
import { Relay } from './relay/relay.js';

/** How `relayTo` writes. */
export interface RelayToOptions<E> {
  /**
   * The stream of the client whose lease the events come under. Its fencing token goes into every call, so that a
   * replica that has lost the lease cannot append any more. Give it wherever the subscription has a `lease`.
   *
   * @defaultValue none: the log refuses only what would follow a gap
   */
  readonly fencedBy?: { readonly status$: Observable<SubscriptionStatus> };
  /**
   * Chooses the partition of an event: the events of one text keep their order, and so do those of one number (modulo
   * the number of partitions). Events of `/event/` topics need it.
   *
   * @defaultValue the hash of each record id, so that the changes of a record keep their order
   */
  readonly partitionBy?: PartitionBy<E>;
  /**
   * Most events in one call; at least 1.
   *
   * @defaultValue 100
   */
  readonly batchSize?: number;
  /**
   * Most bytes of payloads in one call; at least 1. An event that is larger alone goes alone.
   *
   * @defaultValue 1_048_576
   */
  readonly maxBytes?: number;
  /**
   * Gets a warning when the log fails, at the first attempt and every ten attempts; and when the log says that it drops
   * entries that a group has not read, at once, and then after a minute, two, four, up to once an hour.
   *
   * @defaultValue warnings to `console`
   */
  readonly logger?: Logger;
  /**
   * The clock, for tests.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/**
 * Relays events into an event log, as they came, and emits each once it is durable there. Any number of workers then
 * read the log with `createLogClient()`.
 *
 * The events' bytes are relayed, not their values. A client with `fields: []` need not even decode them. Filters may
 * come before; whatever makes something else of an event belongs into the pipeline of the worker.
 *
 * An event about several records goes once to each partition that has one of them. An overflow and a wildcard such as
 * `001*`, which name no records, go to all partitions.
 *
 * While the log cannot be reached, the events stay held, so that nothing more is asked of the service once the window
 * is full. A call is made again until it succeeds, 30 seconds apart at most. Events that came twice are in the log
 * once.
 *
 * - Complete: when the source has completed and all its events are durable.
 * - Error: passes the source's error on at once; errors with an `EventLogError` or another `RxforceError` that cannot
 *   pass, and with what `partitionBy` throws.
 * - Unsubscribe: drops what waits, without settling it. A call that is under way may still have an effect.
 * - Delivery: holds each event until all its entries are durable.
 * - Order: the order of the source, one call at a time for each topic.
 * - Memory: the events that wait; on a rxforce stream at most its window.
 *
 * @param log - Such as `redisLog()` of `@rxforce/replay-redis`.
 * @throws `ConfigurationError` when `log` is no log, or an option is not valid. The Observable errors with one for an
 * event without bytes, and for one that names no record where there is no `partitionBy`.
 */
export function relayTo<E extends StreamEvent>(
  log: EventLog,
  options: RelayToOptions<E> = {},
): MonoTypeOperatorFunction<E> {
  const rules = resolveRelayToOptions(log, options);
  return (source) => {
    let relay: Relay<E>;
    return operate<E, E>(
      source,
      'works',
      (subscriber) => {
        const own = new Relay<E>(rules, subscriber);
        relay = own;
        return { next: (event) => own.add(event), complete: () => own.sourceCompleted() };
      },
      (own) => {
        const inFrame = keepFrame();
        // Nothing is asked of the service before the log is there.
        relay.open(() => inFrame(() => subscribeSource(source, own, { next: (event) => own.next(event) })));
      },
    );
  };
}

const NAMES: readonly string[] = Object.keys({
  fencedBy: true,
  partitionBy: true,
  batchSize: true,
  maxBytes: true,
  logger: true,
  scheduler: true,
} satisfies Record<keyof RelayToOptions<never>, true>);

function resolveRelayToOptions<E>(log: EventLog, options: RelayToOptions<E>) {
  if (typeof (Object(log) as Partial<EventLog>).append !== 'function') {
    throw new ConfigurationError(
      'relayTo() got no log: give it an event log, such as redisLog() of @rxforce/replay-redis.',
    );
  }
  checkOptionNames(options, NAMES, { of: 'relayTo()' });
  const { fencedBy, partitionBy, batchSize = 100, maxBytes = 1_048_576, logger, scheduler = asyncScheduler } = options;
  if (partitionBy !== undefined) checkFunction('relayTo() got partitionBy', partitionBy);
  if (fencedBy !== undefined && !isObservable((fencedBy as Partial<typeof fencedBy> | null)?.status$)) {
    throw new ConfigurationError(
      'relayTo() got fencedBy that is no stream of a client: give it what changes() returned.',
    );
  }
  return {
    ...{ log, fencedBy, partitionBy, logger, scheduler },
    batchSize: checkCount('relayTo() got batchSize', batchSize, 1),
    maxBytes: checkCount('relayTo() got maxBytes', maxBytes, 1),
  };
}
