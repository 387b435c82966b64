import { scan as rxScan, type OperatorFunction } from 'rxjs';

/**
 * RxJS's `scan`, unchanged: it emits at once for each value, in its event's scope, so there is nothing to hold.
 *
 * ```marble
 * source  -a-b-c-|
 *         scan(append, '')        append puts the value behind the state
 * result  -x-y-z-|      x = a, y = ab, z = abc
 * settled -a-b-c--
 * ```
 *
 * - Complete, error, unsubscribe: passed on.
 * - Delivery: holds nothing. The state is lost with the process, and the events that made it are settled. Save each
 *   state in work that holds its event, such as `concatMap` of this package or `handle`, and begin with the saved
 *   state.
 * - Memory: the state.
 */
export function scan<V, A = V>(accumulator: (acc: A | V, value: V, index: number) => A): OperatorFunction<V, V | A>;
export function scan<V, A>(accumulator: (acc: A, value: V, index: number) => A, seed: A): OperatorFunction<V, A>;
export function scan<V, A, S>(accumulator: (acc: A | S, value: V, index: number) => A, seed: S): OperatorFunction<V, A>;
export function scan(
  ...args: [accumulator: (acc: never, value: never, index: number) => unknown, seed?: unknown]
): OperatorFunction<never, unknown> {
  return rxScan(...(args as Parameters<typeof rxScan>));
}
