import { from, map, Observable, type ObservableInput } from 'rxjs';
import { subscribeInner } from '@rxforce/core/delivery';
import type { Keeper, Kept } from './keeper.js';
import type { Emission } from './through.js';

/**
 * The results of the work on a value; each is emitted in its event's scope. The event is released when the work has
 * completed.
 *
 * @param done - Called when the work has completed, before the subscriber learns of it.
 */
export function innerWork<T, R>(
  kept: Kept<T>,
  keeper: Keeper<T>,
  work: ObservableInput<R>,
  done: () => void = () => keeper.release([kept]),
): Observable<Emission<R>> {
  return finished(from(work), done).pipe(map((value) => ({ value, held: kept.held })));
}

/** The same Observable, with a call before its completion. When it is a stream, this is not a stage of it. */
export function finished<T>(inner: Observable<T>, done: () => void): Observable<T> {
  return new Observable((subscriber) =>
    subscribeInner(inner, subscriber, {
      next: (value) => subscriber.next(value),
      complete: () => {
        done();
        subscriber.complete();
      },
    }),
  );
}
