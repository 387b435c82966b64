import { kindOf } from './answer.js';
import { ConfigurationError } from './errors.js';
import { LONGEST_TIMER_MS, wrongNumber } from './whole-number.js';

/**
 * Checks a count, and returns it.
 *
 * @param what - Such as `batchBy() got size`.
 * @throws `ConfigurationError` when it is no whole number of at least `least`, nor `Infinity` where that may be.
 */
export function checkCount(what: string, value: number, least: number, orInfinity = false): number {
  if ((Number.isSafeInteger(value) && value >= least) || (orInfinity && value === Infinity)) return value;
  const range = `a whole number of at least ${least}${orInfinity ? ', or Infinity' : ''}`;
  throw wrongNumber(what, value, `it must be ${range}`);
}

/**
 * Checks a time to wait, and returns it.
 *
 * @param what - Such as `batchBy() got maxWaitMs`.
 * @throws `ConfigurationError` when it is no number of milliseconds that a timer can take, nor `Infinity` where that
 * may be.
 */
export function checkWait(what: string, value: number, orInfinity = false): number {
  if ((Number.isFinite(value) && value >= 0 && value <= LONGEST_TIMER_MS) || (orInfinity && value === Infinity)) {
    return value;
  }
  const range = `from 0 to ${LONGEST_TIMER_MS}${orInfinity ? ', or Infinity' : ''}`;
  throw wrongNumber(what, value, `it must be ${range}`);
}

/**
 * Checks a function that is passed in, and returns it.
 *
 * @param what - Such as `handle() got project`.
 * @throws `ConfigurationError` when it is none.
 */
export function checkFunction<F>(what: string, value: F): F {
  if (typeof value === 'function') return value;
  throw new ConfigurationError(`${what} ${kindOf(value)}, but it must be a function.`);
}
