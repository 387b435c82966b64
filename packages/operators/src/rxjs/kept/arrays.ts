import { filter, map, tap, type Observable, type OperatorFunction } from 'rxjs';
import type { Keeper, Kept } from './keeper.js';
import { lastOf, through, type Emission } from './through.js';

/**
 * The twin of an operator that emits arrays, and puts each value into one array. Under pressure it emits the values it
 * has early, and the rest of the array at its time.
 */
export function collected<T>(source: Observable<T>, plain: OperatorFunction<Kept<T>, Kept<T>[]>): Observable<T[]> {
  return through<T, T[]>(source, {
    role: 'keeps',
    plain: (values, keeper) =>
      plain(values).pipe(
        tap((array) => keeper.dropLost(array)),
        // An array whose values were all emitted early does not come again as an empty array.
        filter((array) => array.length === 0 || array.some((kept) => keeper.has(kept))),
        map((array) => together(keeper, array)),
      ),
    pressed: (keeper, emit) => {
      keeper.dropLost(keeper.all());
      if (keeper.all().length > 0) emit(together(keeper, keeper.all()));
    },
  });
}

/** The values that were not emitted before, as one array. */
function together<T>(keeper: Keeper<T>, array: readonly Kept<T>[]): Emission<T[]> {
  const rest = array.filter((kept) => keeper.has(kept));
  return lastOf(
    keeper.letGo(rest),
    rest.map(({ value }) => value),
  );
}
