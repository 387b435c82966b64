import { kindOf } from './answer.js';
import { ConfigurationError } from './errors.js';

/** Longest time a timer of Node can take, in milliseconds. */
export const LONGEST_TIMER_MS = 0x7fffffff;

/**
 * Checks an option that is a count or a time, and returns it.
 *
 * @throws `ConfigurationError` when it is no whole number in the range.
 */
export function wholeNumber(name: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`;
  throw wrongNumber(`${name} is`, value, `must be a whole number ${range}`);
}

/**
 * The error of an unusable number. For a text, as from an environment variable, it names the number to give instead.
 * For a value that is no number at all, it names the kind.
 *
 * @param subject - Such as `window is`.
 * @param rule - Such as `must be a whole number at least 1`.
 */
export function wrongNumber(subject: string, value: unknown, rule: string): ConfigurationError {
  const [what, advice] = describe(value);
  return new ConfigurationError(`${subject} ${what}, but ${rule}${advice === '' ? '' : `: ${advice}`}.`);
}

/** The value's description, and the advice. */
function describe(value: unknown): readonly [what: string, advice: string] {
  if (typeof value === 'number') return [String(value), ''];
  if (typeof value === 'bigint') return [`${value}n`, `${value}n is a bigint; give the number ${value}`];
  const isNumeric = typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value));
  if (!isNumeric) return [kindOf(value), ''];
  return [`'${value}'`, `'${value}' is a text; give the number ${Number(value)}`];
}
