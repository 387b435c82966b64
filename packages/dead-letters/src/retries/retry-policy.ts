import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { checkOptionNames, ConfigurationError, kindOf, wrongNumber } from '@rxforce/core/model';
import { checkCount, checkWait } from '@rxforce/core/internal';

/** The same wait before every retry. */
export interface ConstantDelays {
  readonly type: 'constant';
  /** How long, in milliseconds; from 0 to 2_147_483_647. */
  readonly delayMs: number;
}

/** Waits that grow with every attempt that fails. */
export interface ExponentialDelays {
  readonly type: 'exponential';
  /** The first wait, in milliseconds; from 1. */
  readonly initialMs: number;
  /** The longest wait, in milliseconds; from `initialMs` to 2_147_483_647. */
  readonly maxMs: number;
  /**
   * The factor between one wait and the next; at least 1.
   *
   * @defaultValue 2
   */
  readonly factor?: number;
  /**
   * `'full'` waits a random time, from 0 to the computed one, so that work that failed together is not tried again
   * together. `'none'` waits the computed time.
   *
   * @defaultValue `'full'`
   */
  readonly jitter?: 'full' | 'none';
}

/**
 * How long to wait before the next attempt. A function gets the number of failed attempts so far, from 1, and the last
 * error; it returns milliseconds.
 */
export type RetryDelays = ConstantDelays | ExponentialDelays | ((attempt: number, error: unknown) => number);

/** Whether failed work is tried again, how often, and when. */
export interface RetryPolicy {
  /**
   * Most attempts after the first; from 0, `Infinity` to try until it works. An event counts as stuck when it is not
   * settled for the `stuckAfterMs` of its stream, so all attempts and waits together must take less.
   *
   * @defaultValue 3
   */
  readonly maxRetries?: number;
  /**
   * How long to wait before each retry.
   *
   * @defaultValue exponential with full jitter: at most 1 second, then 2, 4, … up to 30 seconds
   */
  readonly delays?: RetryDelays;
  /**
   * Whether another attempt may follow one that failed with this error. Work that failed with a permanent error, such
   * as a `RxforceError` that is not `retriable`, is tried again like any other: return `false` for it here.
   *
   * @defaultValue `() => true`
   */
  readonly retryable?: (error: unknown) => boolean;
  /**
   * Whether a failure says that the other system is away as a whole, so that any value would fail: a connection that is
   * refused, and not a row. Such a failure uses no retries. The value is tried again until the other system is back,
   * and with it the stream waits, in place of putting one event after the other aside. `retryable` is not asked. Raise
   * `stuckAfterMs` of the stream to the longest outage that is to be waited for.
   *
   * @defaultValue `() => false`
   */
  readonly outage?: (error: unknown) => boolean;
  /**
   * How long an attempt may take, in milliseconds, above 0. After that it is unsubscribed, and has failed with a
   * `WorkTimeoutError`. A promise cannot be stopped: its work continues beside the next attempt.
   *
   * @defaultValue `Infinity`
   */
  readonly timeoutMs?: number;
  /**
   * The source of random numbers for jitter, from 0 to 1.
   *
   * @defaultValue `Math.random`
   */
  readonly random?: () => number;
  /**
   * Where the time comes from.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** The names of a policy's options. */
export const RETRY_NAMES: readonly string[] = Object.keys({
  maxRetries: true,
  delays: true,
  retryable: true,
  outage: true,
  timeoutMs: true,
  random: true,
  scheduler: true,
} satisfies Record<keyof RetryPolicy, true>);

/** A checked policy. */
export interface ResolvedRetryPolicy {
  readonly maxRetries: number;
  readonly timeoutMs: number;
  readonly scheduler: SchedulerLike;
  /** Throws the error of the user's function, and a `ConfigurationError` where that function returns a promise. */
  readonly isRetryable: (error: unknown) => boolean;
  /** Throws the same. */
  readonly isOutage: (error: unknown) => boolean;
  /**
   * Throws the error of the user's function, and a `ConfigurationError` where that function returns an invalid time.
   */
  readonly delayMs: (attempt: number, error: unknown) => number;
  /** Called when so many attempts have failed, the last with this error, and another one follows. */
  readonly onRetry?: (failed: number, error: unknown) => void;
}

const DEFAULT_DELAYS: RetryDelays = { type: 'exponential', initialMs: 1_000, maxMs: 30_000 };

/**
 * Checks a policy, and fills in the defaults.
 *
 * @param caller - The name of the policy's owner in messages, such as `retryWithDLQ()`.
 * @throws `ConfigurationError` when a field is out of its range.
 */
export function resolveRetryPolicy(caller: string, policy: RetryPolicy): ResolvedRetryPolicy {
  const { maxRetries = 3, delays = DEFAULT_DELAYS, timeoutMs = Infinity, scheduler = asyncScheduler } = policy;
  const { retryable = () => true, outage = () => false, random = Math.random } = policy;
  if (timeoutMs === 0) throw new ConfigurationError(`${caller} got timeoutMs 0, but it must be above 0.`);
  for (const [name, value] of Object.entries({ retryable, outage, random })) {
    if (typeof value !== 'function') throw new ConfigurationError(`${caller} got ${name} that is no function.`);
  }
  const waitFor = waitsOf(caller, delays, random);
  return {
    maxRetries: checkCount(`${caller} got maxRetries`, maxRetries, 0, true),
    timeoutMs: checkWait(`${caller} got timeoutMs`, timeoutMs, true),
    scheduler,
    isRetryable: (error) => yesOrNo(`${caller} got a promise from retryable`, retryable(error)),
    isOutage: (error) => yesOrNo(`${caller} got a promise from outage`, outage(error)),
    delayMs: (attempt, error) => checkWait(`${caller} got from its delays`, waitFor(attempt, error)),
  };
}

/** A promise would count as `true`, whatever it resolves with. */
function yesOrNo(what: string, answer: unknown): boolean {
  if (answer instanceof Promise) throw new ConfigurationError(`${what}, but it must say yes or no at once.`);
  return Boolean(answer);
}

const CONSTANT_NAMES: readonly string[] = Object.keys({
  type: true,
  delayMs: true,
} satisfies Record<keyof ConstantDelays, true>);

const EXPONENTIAL_NAMES: readonly string[] = Object.keys({
  type: true,
  initialMs: true,
  maxMs: true,
  factor: true,
  jitter: true,
} satisfies Record<keyof ExponentialDelays, true>);

function waitsOf(caller: string, delays: RetryDelays, random: () => number) {
  if (typeof delays === 'function') return delays;
  if (typeof delays !== 'object' || Object(delays) !== delays) throw unknownDelays(caller, kindOf(delays));
  switch (delays.type) {
    case 'constant': {
      checkOptionNames(delays, CONSTANT_NAMES, { of: caller, prefix: 'delays.' });
      const delayMs = checkWait(`${caller} got delays with delayMs`, delays.delayMs);
      return () => delayMs;
    }
    case 'exponential':
      return exponential(caller, delays, random);
    default:
      throw unknownDelays(caller, `of the type "${String((delays satisfies never as { type: unknown }).type)}"`);
  }
}

function unknownDelays(caller: string, what: string): ConfigurationError {
  return new ConfigurationError(`${caller} got delays ${what}. There are 'constant', 'exponential' and functions.`);
}

function exponential(caller: string, delays: ExponentialDelays, random: () => number) {
  checkOptionNames(delays, EXPONENTIAL_NAMES, { of: caller, prefix: 'delays.' });
  const { factor = 2 } = delays;
  if (typeof factor !== 'number') {
    throw wrongNumber(`${caller} got delays with factor`, factor, 'it must be at least 1');
  }
  const jitter: string = delays.jitter ?? 'full';
  const initialMs = checkWait(`${caller} got delays with initialMs`, delays.initialMs);
  const maxMs = checkWait(`${caller} got delays with maxMs`, delays.maxMs);
  if (!(initialMs >= 1 && maxMs >= initialMs && factor >= 1 && (jitter === 'full' || jitter === 'none'))) {
    throw new ConfigurationError(
      `${caller} got exponential delays from ${initialMs} to ${maxMs} ms by ${factor} with jitter '${jitter}', but initialMs ` +
        `must be at least 1, maxMs no less than that, factor at least 1, and jitter 'full' or 'none'.`,
    );
  }
  return (attempt: number) => {
    const most = Math.min(maxMs, initialMs * factor ** (attempt - 1));
    return jitter === 'full' ? Math.round(random() * most) : most;
  };
}
