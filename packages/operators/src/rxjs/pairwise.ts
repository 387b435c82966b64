import { map, pairwise as rxPairwise, type OperatorFunction } from 'rxjs';
import { through } from './kept/through.js';

/**
 * RxJS's `pairwise`, which holds the event of a value until the pair with its successor is emitted.
 *
 * ```marble
 * source  -a-b-c--|
 *         pairwise()
 * result  ---x-y--|      x = [a, b], y = [b, c]
 * settled ---a-b--c
 * ```
 *
 * - Complete: settles the last value, which has no successor.
 * - Error, unsubscribe: drops the last value, without settling it. After a restart it comes again, and begins the next
 *   pair.
 * - Delivery: a pair is emitted in the scope of both events. The last event stays unsettled, so that no pair is missed
 *   after a restart. When all events of the window are kept, so that no more can come, it is settled early; only then
 *   can the pair with its successor be missed.
 * - Memory: one value.
 */
export function pairwise<T>(): OperatorFunction<T, [T, T]> {
  return (source) =>
    through<T, [T, T]>(source, {
      role: 'keeps',
      plain: (values, keeper) =>
        values.pipe(
          rxPairwise(),
          map(([older, newer]) => ({
            value: [older.value, newer.value],
            held: keeper.heldOf([older, newer]),
            after: () => keeper.release([older]),
          })),
        ),
      pressed: (keeper) => keeper.release(keeper.all()),
    });
}
