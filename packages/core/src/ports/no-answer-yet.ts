/**
 * How long a login or a call may take before the log says so, in milliseconds. The line ends nothing: whoever looks at
 * the log need not wait for the time limit of the call to know what is waited for.
 */
export const QUIET_MS = 15_000;

/**
 * The line.
 *
 * @param from - Whose answer is waited for.
 */
export function noAnswerYet(from: string, afterMs = QUIET_MS): string {
  return `No answer yet from ${from}, after ${afterMs / 1_000} s. It is waited for.`;
}
