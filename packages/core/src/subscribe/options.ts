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
   * Makes the subscription active on one replica at a time: `redisLease()` of `@rxforce/replay-redis`, say. The lease is had
   * before the stream is opened. When it is lost, the stream is cancelled before another replica can have it; that one goes
   * on at the last commit, and events that were unsettled here come there. It needs `replay.store`, one that all replicas
   * share; its lock is not asked for.
   *
   * @defaultValue none: it is active at once
   */
  readonly lease?: Lease;
  /**
   * Most events that are asked for or unsettled at any time; at least 1. It bounds memory. With a store, nothing is asked
   * for while as many events wait for their commit, so it bounds what comes again after a crash, too: no more than a
   * window where events are settled in order. Those settled after one that is not come again in any case. The service has at most 100 outstanding: with more, events are fetched while
   * others are worked on, or wait for their commit.
   *
   * @defaultValue 200
   */
  readonly window?: number;
  /**
   * How many events of the window must be free before more is asked for; 1 to `window`. Smaller keeps the stream fuller
   * over slow networks, larger makes fewer requests.
   *
   * @defaultValue a quarter of `window`, and 50 at most
   */
  readonly refillAt?: number;
  /**
   * How long the server may be silent while events are outstanding, in milliseconds, from 1: then the connection counts as
   * dead, and another is made. The service sends a keepalive within 270 seconds.
   *
   * @defaultValue 300_000
   */
  readonly silenceTimeoutMs?: number;
  /**
   * How long the oldest event may stay unsettled while events come after it, in milliseconds, from 1: then the stream
   * errors with a `StuckDeliveryError`. Time counts while no event before it is settled either, so a long queue is not
   * stuck. `status$` tells `commitGap` before.
   *
   * @defaultValue 1_800_000, which is half an hour
   */
  readonly stuckAfterMs?: number;
  /**
   * How many events may come after one that stays unsettled; at least `window`. They come again after a crash. One more,
   * and the stream errors with a `StuckDeliveryError`.
   *
   * @defaultValue 100_000, or `window` where that is larger
   */
  readonly stuckAfterEvents?: number;
  /**
   * How many streams in a row may fail before the subscription does, with the last one's error; at least 1. Counted from
   * the last response that came. It bounds the fetching of a schema and of the stored position, too. Errors that cannot
   * pass do not wait for it.
   *
   * @defaultValue Infinity: it tries for ever, up to 30 seconds apart (120 where the service asks for less), and tells on
   * `status$` and to the logger
   */
  readonly maxAttempts?: number;
  /**
   * Gets every event that cannot be decoded, as it came, or whose schema can never be had; the event counts as settled once
   * the function returned, or once what it returns has completed. If it throws or errors, so does the stream.
   *
   * @defaultValue none: such an event errors the stream, with a `DecodeError` or with why its schema cannot be had
   */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a handler may just return
  readonly onUndecodable?: (event: UndecodableEvent, error: DecodeError) => ObservableInput<unknown> | void;
  /**
   * The fields wanted in `data`, by name; others are left out of it. The header always comes whole, and has the records' ids.
   *
   * @defaultValue all
   */
  readonly fields?: readonly string[];
  /**
   * What is done about a name in `fields` that the schema of an event lacks, as each schema comes for the first time: `'warn'`
   * tells the logger once for each name, `'error'` errors the stream with a `ConfigurationError`. A name that any schema of
   * the subscription has had is right. On a channel of several entities the first event may be of one that need not have
   * the field: give `'ignore'` there, where the names belong to different entities.
   *
   * @defaultValue `'warn'`
   */
  readonly onMismatch?: MismatchPolicy;
  /**
   * What happens when an operator upstream of the work keeps events past their settlement (`delay`, `concatMap` with a
   * promise, `bufferCount`): a crash at that moment would lose them. `'error'` errors the stream with a `SettledEarlyError`,
   * which names the operator, with the position before the first of them. `'warn'` only warns, once a subscription.
   * `status$` tells each one.
   *
   * @defaultValue `'error'`
   */
  readonly earlySettlement?: 'error' | 'warn';
  /**
   * What happens when nothing behind the stream is known to work on its events, a window of them or 10 seconds after the
   * first: `'error'` errors the stream with an `UnheldError`, and nothing was committed; `'warn'` warns once, and commits.
   *
   * @defaultValue `'error'` where the position is durable (a store, a managed subscription), otherwise `'warn'`
   */
  readonly onUnheld?: 'error' | 'warn';
  /**
   * When events count as done that nobody holds. `'on-hold'`: once somebody is known to work on events, which `handle()`
   * and other operators that work tell, and a function given to `subscribe()` by returning; until then no position moves.
   * `'on-return'`: when the call that handed them out has returned, whatever became of them. For pipelines whose work is
   * done within that call, and known to be: nothing is looked for and nothing is warned of.
   *
   * @defaultValue `'on-hold'`
   */
  readonly settle?: 'on-hold' | 'on-return';
}

/** The options of a subscription, whoever keeps its position, checked and complete. */
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
  return { ...reading, replay, ...(lease && { lease }) };
}

/**
 * Checks the options that have nothing to do with who keeps the position, and fills in the defaults.
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
      // Fewer would take a window full of events, just received, for stuck.
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
