/** How long to wait before the next attempt. */
export interface BackoffOptions {
  /** Bound of the first wait, in milliseconds; it doubles with each attempt. */
  readonly baseMs: number;
  /** Bound of any wait, in milliseconds. */
  readonly maxMs: number;
}

/** For a broken connection. */
export const RECONNECT: BackoffOptions = { baseMs: 500, maxMs: 30_000 };
/** For a service that asks for less. */
export const SLOWER: BackoffOptions = { baseMs: 5_000, maxMs: 120_000 };

/**
 * Exponential backoff with full jitter: anything from nothing to the bound, so that many clients that lost the same
 * server do not come back together.
 *
 * @param attempt - From 1.
 * @param random - A number from 0 to 1.
 */
export function backoffMs(attempt: number, { baseMs, maxMs }: BackoffOptions, random: number): number {
  return Math.round(random * Math.min(maxMs, baseMs * 2 ** (attempt - 1)));
}
