import { map, type Observable, type OperatorFunction } from 'rxjs';
import type { Keeper, Kept } from './keeper.js';
import { lastOf, through, type Emission, type Passage } from './through.js';

/** The twin of an operator that passes on some values, each at another time: the values before one are superseded by it. */
export function latest<T>(source: Observable<T>, plain: OperatorFunction<Kept<T>, Kept<T>>): Observable<T> {
  return through<T, T>(source, {
    role: 'keeps',
    plain: (values, keeper) => plain(values).pipe(map((kept) => withOlder(keeper, kept))),
    pressed: releaseOlder(1),
  });
}

/** A value, to be emitted in the scope of its event and of those of the values that it has superseded. */
export function withOlder<T>(keeper: Keeper<T>, kept: Kept<T>): Emission<T> {
  return lastOf(keeper.letGo(keeper.upTo(kept)), kept.value);
}

/**
 * Under pressure, settles what newer values have superseded, so that more can come. It loses nothing: the newer events are
 * not settled, and after a restart they come again.
 *
 * @param count - How many of the newest are still wanted.
 */
export function releaseOlder<T>(count: number): NonNullable<Passage<T, T>['pressed']> {
  return (keeper) => keeper.release(keeper.all().slice(0, -count));
}
