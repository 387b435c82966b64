import { EMPTY, map, takeLast as rxTakeLast, type MonoTypeOperatorFunction } from 'rxjs';
import { releaseOlder, withOlder } from './kept/latest.js';
import { through } from './kept/through.js';

/**
 * RxJS's `takeLast`, which holds the events of the values that it keeps.
 *
 * ```marble
 * source  -a-b-c--|
 *         takeLast(2)
 * result  --------(bc|)
 * settled --------(abc)
 * ```
 *
 * - Complete: emits what it keeps, then completes.
 * - Error, unsubscribe: drops what it keeps, without settling it.
 * - Delivery: a value is emitted in its event's scope; superseded events are settled with the first one. When all
 *   events of the window are kept, so that no more can come, superseded events are settled early. A window of `count`
 *   or fewer stands still until the completion.
 * - Memory: `count` values; and a claim on each event superseded, on a rxforce stream at most its window.
 */
export function takeLast<T>(count: number): MonoTypeOperatorFunction<T> {
  if (count <= 0) return () => EMPTY;
  return (source) =>
    through<T, T>(source, {
      role: 'keeps',
      plain: (values, keeper) =>
        values.pipe(
          rxTakeLast(count),
          map((kept) => withOlder(keeper, kept)),
        ),
      pressed: releaseOlder(count),
    });
}
