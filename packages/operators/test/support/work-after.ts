import { catchError, connect, delay, EMPTY, ignoreElements, merge, of, pipe, type OperatorFunction } from 'rxjs';
import { delivered, runMarbles, type DeliveryLogEntry } from '@rxforce/core/testing';

/** Work that takes so many milliseconds, and gives the value back. */
export const after =
  (ms: number) =>
  <T>(value: T) =>
    of(value).pipe(delay(ms));

/** What becomes of a stream that an operator ends one branch of, while another goes on. */
export function inOneBranch<T>(
  marbles: string,
  values: Record<string, T> | undefined,
  operator: OperatorFunction<T, unknown>,
) {
  const errors: unknown[] = [];
  let settled: readonly DeliveryLogEntry<T>[] = [];
  runMarbles(({ hot, scheduler, flush }) => {
    const source = delivered<T>(hot(marbles, values), scheduler);
    const branch = pipe(
      operator,
      catchError(() => EMPTY),
    );
    source.values
      .pipe(connect((shared) => merge(branch(shared), shared.pipe(ignoreElements()))))
      .subscribe({ error: (error: unknown) => errors.push(error) });
    flush();
    settled = source.settled;
  });
  return { settled, errors };
}
