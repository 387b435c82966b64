import type { ObservableInput } from 'rxjs';
import { resolveDemandOptions, type DemandOptions } from '../stream-life/demand.js';
import { kindOf } from '../model/answer.js';
import { ConfigurationError, type DecodeError } from '../model/errors.js';
import { MISMATCH_POLICIES, type MismatchPolicy } from '../model/event-fields.js';
import type { UndecodableEvent } from '../model/events.js';
import { checkOptionNames } from '../model/option-names.js';
import { LONGEST_TIMER_MS, wholeNumber } from '../model/whole-number.js';
import type { Lease } from '../ports/lease.js';
import { resolveReplay, type ReplayFrom, type ReplayOptions, type ResolvedReplay } from '../position/replay-options.js';
import type { StuckOptions } from '../position/stuck-watch.js';

/** How a subscription behaves. */
export interface SubscribeOptions {
  /**
   * Where to start, and where to keep the position.
   *
   * @defaultValue `'latest'`, kept nowhere
   */
  readonly replay?: ReplayFrom | ReplayOptions;
  /**
   * Makes the subscription active on one replica at a time, with `redisLease()` of `@rxforce/replay-redis`, for
   * example. The subscription acquires the lease before it opens the stream. When the lease is lost, the stream is
   * cancelled before another replica can acquire it. That replica continues at the last commit, and receives the events
   * that were unsettled here. The option needs a `replay.store` that all replicas share; the store's own lock is not
   * used.
   *
   * @defaultValue none: the subscription is active at once
   */
  readonly lease?: Lease;
  /**
   * Most events that are outstanding or unsettled at any time; at least 1. It bounds memory. With a store, nothing is
   * asked for while as many events wait for their commit. So it also bounds the events that come again after a crash:
   * no more than a window, where events are settled in order. Events settled after an unsettled one come again in any
   * case. At most 100 events are outstanding at the service. With a larger window, events are fetched while others are
   * worked on, or wait for their commit.
   *
   * @defaultValue 200
   */
  readonly window?: number;
  /**
   * How much of the window must be free before more events are asked for; 1 to `window`. A smaller value keeps the
   * stream fuller over slow networks. A larger one makes fewer requests.
   *
   * @defaultValue a quarter of `window`, and 50 at most
   */
  readonly refillAt?: number;
  /**
   * How long the server may be silent while events are outstanding, in milliseconds, from 1. After that the connection
   * counts as dead, and another one is made. The service sends a keepalive within 270 seconds.
   *
   * @defaultValue 300_000
   */
  readonly silenceTimeoutMs?: number;
  /**
   * How long the oldest event may stay unsettled while events come after it, in milliseconds, from 1. After that the
   * stream errors with a `StuckDeliveryError`. The time starts again whenever the watermark moves, so a long queue is
   * not stuck. `status$` reports `commitGap` first.
   *
   * @defaultValue 1_800_000, which is half an hour
   */
  readonly stuckAfterMs?: number;
  /**
   * How many events may come after one that stays unsettled; at least `window`. They come again after a crash. With one
   * more, the stream errors with a `StuckDeliveryError`.
   *
   * @defaultValue 100_000, or `window` where that is larger
   */
  readonly stuckAfterEvents?: number;
  /**
   * How many streams in a row may fail before the subscription errors with the last one's error; at least 1. Each
   * response starts the count again. It also bounds the attempts to fetch a schema and to read the stored position.
   * Errors that cannot pass end the subscription at once.
   *
   * @defaultValue Infinity: it tries without end, up to 30 seconds apart (120 where the service asks for less), and
   * reports that to `status$` and the logger
   */
  readonly maxAttempts?: number;
  /**
   * Gets every event that cannot be decoded, as it came, and every event whose schema can never be fetched. The event
   * counts as settled once the function has returned, or once the Observable or promise that it returns has completed.
   * If the function throws, or if that errors, the stream errors too.
   *
   * @defaultValue none: such an event errors the stream, with a `DecodeError` or with the reason why its schema cannot
   * be fetched
   */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a handler may just return
  readonly onUndecodable?: (event: UndecodableEvent, error: DecodeError) => ObservableInput<unknown> | void;
  /**
   * The names of the fields wanted in `data`; other fields are left out. The header is always complete, and has the
   * records' ids.
   *
   * @defaultValue all
   */
  readonly fields?: readonly string[];
  /**
   * What happens when the schema of an event lacks a name in `fields`. Each schema is checked when it comes for the
   * first time. `'warn'` warns the logger once for each name. `'error'` errors the stream with a `ConfigurationError`.
   * `'ignore'` does neither. A name is right once any schema of the subscription has had it. On a channel of several
   * entities, the first event may be of an entity without the field. Give `'ignore'` there, if the names belong to
   * different entities.
   *
   * @defaultValue `'warn'`
   */
  readonly onMismatch?: MismatchPolicy;
  /**
   * What happens when an operator upstream of the work keeps events past their settlement (`delay`, `concatMap` with a
   * promise, `bufferCount`). A crash at that moment would lose them. `'error'` errors the stream with a
   * `SettledEarlyError`, which names the operator; the position stays before the first of these events. `'warn'` only
   * warns, once a subscription. `status$` reports each one.
   *
   * @defaultValue `'error'`
   */
  readonly earlySettlement?: 'error' | 'warn';
  /**
   * What happens when nothing downstream is known to work on the events. It is decided a window of events or 10 seconds
   * after the first event. `'error'` errors the stream with an `UnheldError`, and nothing was committed. `'warn'` warns
   * once, and commits.
   *
   * @defaultValue `'error'` where the position is durable (a store, a managed subscription), otherwise `'warn'`
   */
  readonly onUnheld?: 'error' | 'warn';
  /**
   * When an event that nobody holds counts as done. `'on-hold'`: once somebody is known to work on events. `handle()`
   * and other operators that work report that, and a function given to `subscribe()` does so by returning. Until then
   * no position moves. `'on-return'`: when the call that delivered the event has returned, whatever became of the
   * event. It is for pipelines whose whole work is known to be done within that call: nothing is checked, and there are
   * no warnings.
   *
   * @defaultValue `'on-hold'`
   */
  readonly settle?: 'on-hold' | 'on-return';
}

/** The options of a subscription that do not depend on who keeps its position, checked and complete. */
export interface ReadingOptions extends Pick<SubscribeOptions, 'fields' | 'onUndecodable'> {
  readonly demand: DemandOptions;
  readonly stuck: StuckOptions;
  readonly silenceTimeoutMs: number;
  readonly maxAttempts: number;
  readonly earlySettlement: 'error' | 'warn';
  readonly onUnheld: 'error' | 'warn' | undefined;
  readonly settle: 'on-hold' | 'on-return';
  readonly onMismatch: MismatchPolicy;
}

/** The options of a subscription whose position the client keeps, checked and complete. */
export interface ResolvedSubscribeOptions extends ReadingOptions, Pick<SubscribeOptions, 'lease'> {
  readonly replay: ResolvedReplay;
}

/** The names of all options. */
export const SUBSCRIBE_NAMES: readonly string[] = Object.keys({
  replay: true,
  window: true,
  refillAt: true,
  silenceTimeoutMs: true,
  stuckAfterMs: true,
  stuckAfterEvents: true,
  maxAttempts: true,
  onUndecodable: true,
  fields: true,
  onMismatch: true,
  earlySettlement: true,
  onUnheld: true,
  settle: true,
  lease: true,
} satisfies Record<keyof SubscribeOptions, true>);

/**
 * Checks the options and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is unknown or out of range.
 */
export function resolveSubscribeOptions(options: SubscribeOptions): ResolvedSubscribeOptions {
  checkOptionNames(options, SUBSCRIBE_NAMES);
  const reading = resolveReadingOptions(options);
  const { replay: given = 'latest', lease } = options;
  const replay = resolveReplay(given);
  if (lease !== undefined) checkLease(lease, replay);
  return { replay, ...reading, ...(lease && { lease }) };
}

/**
 * Checks the options that do not depend on who keeps the position, and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is out of range.
 */
export function resolveReadingOptions(options: Omit<SubscribeOptions, 'replay' | 'lease'>): ReadingOptions {
  const { earlySettlement = 'error', fields, onUndecodable } = options;
  const { silenceTimeoutMs = 300_000, stuckAfterMs = 1_800_000, maxAttempts = Infinity } = options;
  const { onMismatch = 'warn' } = options;
  const demand = resolveDemandOptions(options);
  const { stuckAfterEvents = Math.max(100_000, demand.window) } = options;
  const { onUnheld, settle = 'on-hold' } = options;
  oneOf('earlySettlement', earlySettlement, ['error', 'warn']);
  oneOf('settle', settle, ['on-hold', 'on-return']);
  if (onUnheld !== undefined) oneOf('onUnheld', onUnheld, ['error', 'warn']);
  if (fields !== undefined && !(Array.isArray(fields) && fields.every((name) => typeof name === 'string'))) {
    throw new ConfigurationError(
      `fields must be an array of field names, such as ['Name'], and not ${kindOf(fields)}.`,
    );
  }
  if (!MISMATCH_POLICIES.includes(onMismatch)) {
    throw new ConfigurationError(`onMismatch is ${onMismatch}, but must be 'warn', 'error' or 'ignore'.`);
  }
  if (onUndecodable !== undefined && typeof onUndecodable !== 'function') {
    throw new ConfigurationError('onUndecodable must be a function that takes the event and the error.');
  }
  return {
    demand,
    silenceTimeoutMs: wholeNumber('silenceTimeoutMs', silenceTimeoutMs, 1, LONGEST_TIMER_MS),
    stuck: {
      stuckAfterMs: wholeNumber('stuckAfterMs', stuckAfterMs, 1, LONGEST_TIMER_MS),
      // With fewer, a window of events that were just received would count as stuck.
      stuckAfterEvents: wholeNumber('stuckAfterEvents', stuckAfterEvents, demand.window),
    },
    maxAttempts: maxAttempts === Infinity ? Infinity : wholeNumber('maxAttempts', maxAttempts, 1),
    earlySettlement,
    onUnheld,
    settle,
    onMismatch,
    ...(fields && { fields }),
    ...(onUndecodable && { onUndecodable }),
  };
}

function oneOf(name: string, value: string, values: readonly string[]): void {
  if (values.includes(value)) return;
  throw new ConfigurationError(`${name} is ${value}, but must be ${values.map((each) => `'${each}'`).join(' or ')}.`);
}

function checkLease(lease: Partial<Lease> | null, { store }: ResolvedReplay): void {
  if (typeof lease?.acquire !== 'function' || !(typeof lease.ttlMs === 'number' && lease.ttlMs > 0)) {
    throw new ConfigurationError('lease must be a lease, such as redisLease() of @rxforce/replay-redis.');
  }
  if (store === undefined) {
    throw new ConfigurationError(
      'lease needs replay.store, and one that all replicas share, such as redisReplayStore(): the next holder goes on at the ' +
        'last commit.',
    );
  }
}
