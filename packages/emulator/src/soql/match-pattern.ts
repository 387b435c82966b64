import type { PatternPart } from './ast.js';

/** A pattern, cut into what it says of single characters. */
type Step = string | { readonly type: 'any' } | { readonly type: 'one' };

/** Makes the test of a pattern behind LIKE, which does not look at upper and lower case. */
export function matcherOf(pattern: readonly PatternPart[]): (text: string) => boolean {
  const steps = pattern.flatMap((part): Step[] =>
    part.type === 'text' ? Array.from(part.text.toLowerCase()) : [part],
  );
  return (text) => matches(steps, Array.from(text.toLowerCase()));
}

/**
 * Goes through text and pattern side by side. Where they part, the last `%` takes one character more and all goes on
 * from there; an earlier `%` need never take more, so the time is at most that of text times pattern.
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
