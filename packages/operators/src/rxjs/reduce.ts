import { map, reduce as rxReduce, type OperatorFunction } from 'rxjs';
import { lastOf, through } from './kept/through.js';

/**
 * RxJS's `reduce`, which holds the events of all values until the result is emitted.
 *
 * ```marble
 * source  -a-b-c--|
 *         reduce(append, '')      append puts the value behind the state
 * result  --------(x|)      x = abc
 * settled --------(abc)
 * ```
 *
 * - Complete: emits the result, then completes.
 * - Error, unsubscribe: drops the state, without settling its events.
 * - Delivery: the result is emitted in the scope of all events. The window must be larger than the number of events
 *   before the completion: when all events of the window are held, no more come, and only the completion can end the
 *   wait. A source that never completes stands still; `scan` emits each state.
 * - Memory: the state, and a claim on each event, on a rxforce stream at most its window.
 */
export function reduce<V, A = V>(accumulator: (acc: A | V, value: V, index: number) => A): OperatorFunction<V, V | A>;
export function reduce<V, A>(accumulator: (acc: A, value: V, index: number) => A, seed: A): OperatorFunction<V, A>;
export function reduce<V, A, S = A>(
  accumulator: (acc: A | S, value: V, index: number) => A,
  seed: S,
): OperatorFunction<V, A>;
export function reduce(
  ...args: [accumulator: (acc: never, value: never, index: number) => unknown, seed?: unknown]
): OperatorFunction<never, unknown> {
  return (source) =>
    through<never, unknown>(source, {
      role: 'keeps',
      plain: (values, keeper) =>
        values.pipe(
          map(({ value }) => value),
          rxReduce(...(args as Parameters<typeof rxReduce>)),
          map((result) => lastOf(keeper.letGo(keeper.all()), result)),
        ),
    });
}
