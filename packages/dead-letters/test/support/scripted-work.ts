import fc from 'fast-check';
import { concat, EMPTY, ignoreElements, NEVER, throwError, timer, type Observable } from 'rxjs';
import type { Mishap } from './fake-dead-letters.js';

/** How one attempt goes: what it emits at once, how long it takes then, and how it ends. */
export interface AttemptScript {
  readonly results: number;
  readonly ms: number;
  readonly end: 'completes' | 'errors' | 'errors for good' | 'throws' | 'hangs';
}

/** What an attempt emits: what it was at, which attempt it was, and which of its results this is. */
export interface ScriptedResult {
  readonly about: string;
  readonly attempt: number;
  readonly nth: number;
}

/** Attempts of all kinds. */
export const attemptScript: fc.Arbitrary<AttemptScript> = fc.record({
  results: fc.nat({ max: 2 }),
  ms: fc.nat({ max: 6 }),
  end: fc.constantFrom('completes', 'completes', 'errors', 'errors', 'errors for good', 'throws', 'hangs'),
});

/** Does what the script says. */
export function scripted(script: AttemptScript, about: string, attempt: number): Observable<ScriptedResult> {
  const { results, ms, end } = script;
  if (end === 'throws') throw new Error(end);
  const emitted = Array.from({ length: results }, (_, nth) => ({ about, attempt, nth }));
  if (end === 'hangs') return concat(emitted, NEVER);
  const failing = end === 'completes' ? EMPTY : throwError(() => new Error(end));
  return concat(emitted, timer(ms).pipe(ignoreElements()), failing);
}

/** Whether an attempt that failed with this may be followed by another. */
export const isRetryable = (error: unknown): boolean => (error as Error).message !== 'errors for good';

/** Failures of a queue that pass. */
export const passingMishap: fc.Arbitrary<Mishap | undefined> = fc.constantFrom(
  ...([undefined, undefined, undefined, 'retriable', 'unheard', 'silent'] as const),
);

/** Failures of a queue of all kinds. */
export const anyMishap: fc.Arbitrary<Mishap | undefined> = fc.oneof(
  { weight: 12, arbitrary: passingMishap },
  { weight: 1, arbitrary: fc.constantFrom<Mishap>('permanent', 'rejects', 'throws', 'nonsense') },
);
