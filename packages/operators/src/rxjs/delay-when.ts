import { from, map, mergeMap, take, type MonoTypeOperatorFunction, type ObservableInput } from 'rxjs';
import { finished } from './kept/inner-work.js';
import { through } from './kept/through.js';

/**
 * RxJS's `delayWhen`, which holds the events of the values that wait.
 *
 * ```marble
 * source  -a-b------|
 *         delayWhen(until)        until emits after 4
 * result  -----a-b--|
 * settled -----a-b---
 * ```
 *
 * - Complete: as RxJS's. A kept value that will never be emitted is settled, like a value that a filter drops.
 * - Error, unsubscribe: drops what was kept, without settling it.
 * - Delivery: a value is emitted in its event's scope. A value whose delay completes without a notification is never
 *   emitted, and is settled then.
 * - Memory: the values that wait, on a rxforce stream at most its window: the window bounds how many can wait at a
 *   time.
 */
export function delayWhen<T>(
  delayDurationSelector: (value: T, index: number) => ObservableInput<unknown>,
): MonoTypeOperatorFunction<T> {
  return (source) =>
    through<T, T>(source, {
      role: 'keeps',
      plain: (values, keeper) =>
        values.pipe(
          mergeMap((kept, index) => {
            const due = from(delayDurationSelector(kept.value, index)).pipe(take(1));
            return finished(due, () => keeper.release([kept])).pipe(
              map(() => ({ value: kept.value, held: kept.held })),
            );
          }),
        ),
    });
}
