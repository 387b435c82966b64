import { ConfigurationError } from './errors.js';

/** Longest time a timer of Node can take, in milliseconds. */
export const LONGEST_TIMER_MS = 0x7fffffff;

/**
 * Checks an option that is a count or a time, and gives it back.
 *
 * @throws `ConfigurationError` when it is no whole number in the range.
 */
export function wholeNumber(name: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`;
  throw new ConfigurationError(`${name} is ${String(value)}, but must be a whole number ${range}.`);
}
