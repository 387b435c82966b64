import { isDeepStrictEqual, inspect } from 'node:util';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';

/**
 * Runs a marble test in virtual time: times are frames of one virtual millisecond, and all that RxJS schedules runs at
 * once when the function returns. A mismatch throws an `Error` that shows both sides.
 *
 * @param test - Gets RxJS's helpers (`cold`, `hot`, `expectObservable`, …) and the scheduler, for `createClient` or
 * operators that take one.
 */
export function runMarbles(test: (helpers: RunHelpers & { readonly scheduler: TestScheduler }) => void): void {
  const scheduler = new TestScheduler((actual, expected) => {
    if (!isDeepStrictEqual(actual, expected)) {
      throw new Error(`The marbles differ.\nactual:   ${show(actual)}\nexpected: ${show(expected)}`);
    }
  });
  scheduler.run((helpers) => test({ ...helpers, scheduler }));
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: 120 });
}
