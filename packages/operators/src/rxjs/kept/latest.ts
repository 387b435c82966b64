import { map, type Observable, type OperatorFunction } from 'rxjs';
import type { Keeper, Kept } from './keeper.js';
import { lastOf, through, type Emission, type Passage } from './through.js';

/**
 * The twin of an operator that passes on some of the values, at other times. A value that is passed on supersedes the
 * values before it.
 */
export function latest<T>(source: Observable<T>, plain: OperatorFunction<Kept<T>, Kept<T>>): Observable<T> {
  return through<T, T>(source, {
    role: 'keeps',
    plain: (values, keeper) => plain(values).pipe(map((kept) => withOlder(keeper, kept))),
    pressed: releaseOlder(1),
  });
}

/** A value to emit in the scope of its event and of the events of the values that it has superseded. */
export function withOlder<T>(keeper: Keeper<T>, kept: Kept<T>): Emission<T> {
  return lastOf(keeper.letGo(keeper.upTo(kept)), kept.value);
}

/**
 * Under pressure, settles the events that newer values have superseded, so that more can come. Nothing is lost: the
 * newer events are not settled, and come again after a restart.
 *
 * @param count - How many of the newest values are still needed.
 */
export function releaseOlder<T>(count: number): NonNullable<Passage<T, T>['pressed']> {
  return (keeper) => keeper.release(keeper.all().slice(0, -count));
}
