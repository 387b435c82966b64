import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { checkCount, checkFunction } from '../model/argument-checks.js';
import { ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import { resolveLogger } from '../ports/safe-logger.js';
import type { Logger } from '../ports/logger.js';

/**
 * How a source of one's own hears of the values that it delivers. `P` is the place of a value: a message of a queue.
 */
export interface DeliverySourceOptions<P> {
  /** The name of the source in messages and errors, such as `the queue orders`. */
  readonly name: string;
  /**
   * Called once all work on a value is done. Acknowledge it here. It must not emit. The subscription errors with what
   * it throws, or rejects with where it returns a promise.
   */
  readonly settled: (place: P) => unknown;
  /**
   * Called once it is certain that a value will never be settled: its work failed, or was dropped, or nothing is known
   * to have worked on it when the subscription ended. Return it to the queue here. Without a function, the queue finds
   * out by itself.
   *
   * @param error - The error of the work. Absent where it was dropped.
   *
   * @defaultValue none
   */
  readonly unsettled?: (place: P, error: unknown) => unknown;
  /**
   * Most values delivered and not settled at any time, from 1. `room()` of the sink counts them.
   *
   * @defaultValue 100
   */
  readonly window?: number;
  /**
   * What is delivered, for messages: `message 42`.
   *
   * @defaultValue `a value`
   */
  readonly describe?: (place: P) => string;
  /**
   * Whether a value is somebody else's by now: a lease is lost, or the time is over for which the queue hides a
   * message. Work that waits for its turn then does not begin, and the value is not settled. Once it is, it stays so.
   *
   * @defaultValue none is
   */
  readonly isLost?: (place: P) => boolean;
  /**
   * What follows when the work on a value fails. `'error'`: the subscription errors, as a client's does. `'unsettled'`:
   * `unsettled` is called, and the subscription goes on.
   *
   * @defaultValue `'error'`
   */
  readonly onFailure?: 'error' | 'unsettled';
  /**
   * When a value counts as done: `'on-hold'` waits for the operators that hold it, and for the promise that the last
   * subscriber returns. `'on-return'` says that all of the work is done within the call that delivers it.
   *
   * @defaultValue `'on-hold'`
   */
  readonly settle?: 'on-hold' | 'on-return';
  /**
   * What happens when an operator upstream of the work keeps values past their settlement. `'error'` errors the
   * subscription with a `SettledEarlyError`; `'warn'` warns once.
   *
   * @defaultValue `'error'`
   */
  readonly earlySettlement?: 'error' | 'warn';
  /**
   * What happens when nothing downstream is known to work on the values, a window of values or 10 seconds after the
   * first one. `'error'` errors the subscription with an `UnheldError`, and nothing was settled; `'warn'` warns once.
   *
   * @defaultValue `'error'`
   */
  readonly onUnheld?: 'error' | 'warn';
  /**
   * Where warnings go.
   *
   * @defaultValue the console
   */
  readonly logger?: Logger;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** {@link DeliverySourceOptions}, checked, with the defaults filled in. */
export type ResolvedDeliverySource<P> = Required<DeliverySourceOptions<P>>;

const NAMES: readonly string[] = Object.keys({
  name: true,
  settled: true,
  unsettled: true,
  window: true,
  describe: true,
  isLost: true,
  onFailure: true,
  settle: true,
  earlySettlement: true,
  onUnheld: true,
  logger: true,
  scheduler: true,
} satisfies Record<keyof DeliverySourceOptions<unknown>, true>);

/**
 * Checks options, and fills in the defaults.
 *
 * @throws `ConfigurationError` when one is unknown, missing or out of its range.
 */
export function resolveDeliverySource<P>(options: DeliverySourceOptions<P>): ResolvedDeliverySource<P> {
  checkOptionNames(options, NAMES, { of: 'deliverySource()' });
  const { name, settled, unsettled = () => undefined, describe = () => 'a value', window = 100 } = options;
  const { onFailure = 'error', settle = 'on-hold', scheduler = asyncScheduler } = options;
  const { earlySettlement = 'error', onUnheld = 'error', isLost = () => false } = options;
  if (typeof name !== 'string' || name.trim() === '') {
    throw new ConfigurationError('deliverySource() needs a name for its messages, such as "the queue orders".');
  }
  oneOf('onFailure', onFailure, ['error', 'unsettled']);
  oneOf('settle', settle, ['on-hold', 'on-return']);
  oneOf('earlySettlement', earlySettlement, ['error', 'warn']);
  oneOf('onUnheld', onUnheld, ['error', 'warn']);
  return {
    ...{ name, onFailure, settle, earlySettlement, onUnheld, scheduler },
    settled: checkFunction('deliverySource() got settled', settled),
    unsettled: checkFunction('deliverySource() got unsettled', unsettled),
    describe: checkFunction('deliverySource() got describe', describe),
    isLost: checkFunction('deliverySource() got isLost', isLost),
    window: checkCount('deliverySource() got window', window, 1, true),
    logger: resolveLogger(options.logger),
  };
}

function oneOf(option: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  throw new ConfigurationError(`deliverySource() got ${option} "${given}", but it must be ${known.join(' or ')}.`);
}
