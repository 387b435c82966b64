import { asyncScheduler, type Observable, type OperatorFunction } from 'rxjs';
import { keep } from './keep.js';
import { delivered, type DeliveredSource } from '../../src/testing/delivered.js';
import { runMarbles } from '../../src/testing/run-marbles.js';

/** Holds each value for some virtual milliseconds, then emits it. */
export function after(ms: number): OperatorFunction<string, string> {
  return keep((value, held, emit) =>
    virtual.time.schedule(() => {
      emit(value);
      held.release();
    }, ms),
  );
}

/** What `after` waits by: the virtual time of a test that runs. */
export const virtual: { time: Pick<typeof asyncScheduler, 'schedule'> } = { time: asyncScheduler };

/** What a pipeline gave. */
export interface Run {
  readonly errors: unknown[];
  readonly values: unknown[];
}

/** Runs a pipeline over delivered marbles, to the end of virtual time. */
export function run(
  marbles: string,
  build: (values: Observable<string>) => Observable<unknown>,
): { source: DeliveredSource<string>; result: Run } {
  let source: DeliveredSource<string> | undefined;
  const result: Run = { errors: [], values: [] };
  runMarbles(({ hot, scheduler, flush }) => {
    virtual.time = scheduler;
    source = delivered<string>(hot(marbles), scheduler);
    build(source.values).subscribe({
      next: (value) => result.values.push(value),
      error: (error: unknown) => result.errors.push(error),
    });
    flush();
  });
  return { source: source!, result };
}

/** The values that are settled, in order. */
export const settledIn = (source: DeliveredSource<string>) => source.settled.map(({ value }) => value);
