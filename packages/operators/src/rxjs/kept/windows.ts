import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { inScopeOf, operate, subscribeInner, subscribeSource } from '@rxforce/core/delivery';
import { WaitingRoom } from './waiting-subject.js';

/**
 * Makes the twin of an operator that emits Observables: RxJS's own does it, and what it emits is given away in nobody's
 * scope.
 *
 * @param plain - Gets the source's values, each in its event's scope, and what keeps what nobody has subscribed to yet.
 */
export function parted<T, W>(
  source: Observable<T>,
  plain: (values: Observable<T>, room: WaitingRoom<T>) => Observable<W>,
): Observable<W> {
  const feed = (subscriber: Subscriber<W>) => {
    const room = new WaitingRoom<T>();
    subscriber.add(() => room.end());
    // Not the source itself: what RxJS's operator makes of it is nobody's stage.
    const values = new Observable<T>((inner) => subscribeSource(source, inner, { next: (value) => inner.next(value) }));
    subscribeInner(plain(values, room), subscriber, {
      next: (part) => subscriber.next(part),
      complete: () => {
        room.state = 'completed';
        subscriber.complete();
      },
    });
  };
  const begin = (subscriber: Subscriber<W>) => ({
    next: (part: W) => inScopeOf(undefined, () => subscriber.next(part)),
  });
  return operate(source, 'keeps', begin, feed);
}

/** The same for windows: each keeps what comes until somebody subscribes to it. */
export function windowed<T>(
  source: Observable<T>,
  plain: OperatorFunction<T, Observable<T>>,
): Observable<Observable<T>> {
  return parted(
    source,
    (values, room: WaitingRoom<T>) =>
      // Each is subscribed to before anything comes through it.
      new Observable((subscriber) =>
        subscribeInner(plain(values), subscriber, {
          next: (window) => {
            const waiting = room.make();
            window.subscribe(waiting);
            subscriber.next(waiting.asObservable());
          },
        }),
      ),
  );
}
