import { isDeepStrictEqual, inspect } from 'node:util';
import type { Observable } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import type { StreamEvent } from '../model/events.js';
import type { DeliveredSource } from './delivered.js';
import { fakeClient, type FakeClient } from './fake-client.js';

/** The helpers of a marble test: RxJS's own, and those for pipelines of events. */
export interface MarbleHelpers extends RunHelpers {
  /** The virtual clock, for `createClient` and for operators that take a scheduler. */
  readonly scheduler: TestScheduler;
  /** Makes a client whose streams are Observables of this test: `fakeClient({ Lead: cold('-a-b|', { a, b }) })`. */
  readonly fakeClient: (streams: Readonly<Record<string, Observable<StreamEvent>>>) => FakeClient;
  /** Checks which events are settled, and when: `expectSettled(client.settled$('Lead')).toBe('---a-b', { a, b })`. */
  readonly expectSettled: <T>(
    source: Observable<T> | Pick<DeliveredSource<T>, 'settled$'>,
  ) => Pick<ReturnType<typeof TestScheduler.prototype.expectObservable<T>>, 'toBe'>;
}

/**
 * Runs a marble test in virtual time. Times are frames of one virtual millisecond. Everything that RxJS schedules runs
 * at once when the function returns. A mismatch throws an `Error` that shows both sides.
 *
 * @param test - Receives RxJS's helpers (`cold`, `hot`, `expectObservable`, …) and those for pipelines of events.
 */
export function runMarbles(test: (helpers: MarbleHelpers) => void): void {
  const scheduler = new TestScheduler((actual, expected) => {
    if (!isDeepStrictEqual(actual, expected)) {
      throw new Error(`The marbles differ.\nactual:   ${show(actual)}\nexpected: ${show(expected)}`);
    }
  });
  scheduler.run((helpers) =>
    test({
      ...helpers,
      scheduler,
      fakeClient: (streams) => fakeClient(streams, scheduler),
      expectSettled: (source) => helpers.expectObservable('settled$' in source ? source.settled$ : source),
    }),
  );
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: 120 });
}
