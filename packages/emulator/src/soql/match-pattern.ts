import type { PatternPart } from './ast.js';

/** A step of a pattern, which is about a single character, or any text. */
type Step = string | { readonly type: 'any' } | { readonly type: 'one' };

/** Makes the test of a pattern after LIKE, which ignores case. */
export function matcherOf(pattern: readonly PatternPart[]): (text: string) => boolean {
  const steps = pattern.flatMap((part): Step[] =>
    part.type === 'text' ? Array.from(part.text.toLowerCase()) : [part],
  );
  return (text) => matches(steps, Array.from(text.toLowerCase()));
}

/**
 * Compares text and pattern side by side. At a mismatch, the last `%` takes one more character, and the comparison
 * continues from there. An earlier `%` never needs to take more, so the time is at most the product of both lengths.
 */
function matches(steps: readonly Step[], text: readonly string[]): boolean {
  let step = 0;
  let at = 0;
  let retry: { readonly step: number; at: number } | undefined;
  while (at < text.length) {
    const wanted = steps[step];
    if (typeof wanted === 'object' && wanted.type === 'any') {
      retry = { step: ++step, at };
    } else if (wanted !== undefined && (typeof wanted === 'object' || wanted === text[at])) {
      step++;
      at++;
    } else if (retry === undefined) {
      return false;
    } else {
      step = retry.step;
      at = ++retry.at;
    }
  }
  return steps.slice(step).every((rest) => typeof rest === 'object' && rest.type === 'any');
}
