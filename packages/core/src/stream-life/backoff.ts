import type { RxforceError } from '../model/errors.js';

/** How long to wait before the next attempt. */
interface Backoff {
  /** Bound of the first wait, in milliseconds; it doubles with each attempt. */
  readonly baseMs: number;
  /** Bound of any wait, in milliseconds. */
  readonly maxMs: number;
}

/** For a connection that broke. */
const RECONNECT: Backoff = { baseMs: 500, maxMs: 30_000 };
/**
 * For a service that asks for less (RESOURCE_EXHAUSTED, `service.protection.triggered`), and for a limit of the org
 * that passes (`REQUEST_LIMIT_EXCEEDED`).
 */
const SLOWER: Backoff = { baseMs: 5_000, maxMs: 120_000 };

/** The most doublings: 2^30 is beyond any bound, and 2^1100 would be Infinity. */
const MAX_DOUBLINGS = 30;

/**
 * How long to wait after a failure, in milliseconds: exponential backoff with full jitter. The wait is anything from 0
 * to the bound, so that many clients that lost the same server do not come back together.
 *
 * @param attempt - How many attempts have failed in a row, from 1.
 * @param random - A number from 0 to 1.
 */
export function backoffMs(attempt: number, error: RxforceError | undefined, random: number): number {
  const { baseMs, maxMs } = error?.code === 'throttled' || error?.code === 'limit-exceeded' ? SLOWER : RECONNECT;
  return Math.round(random * Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS)));
}
