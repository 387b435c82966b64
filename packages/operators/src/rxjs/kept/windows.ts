import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { operate, subscribeInner, subscribeSource } from '@rxforce/core/delivery';
import { WaitingRoom } from './waiting-subject.js';

/**
 * Makes the twin of an operator that emits Observables. RxJS's operator does the work, and its Observables are emitted
 * outside of any event's scope.
 *
 * @param plain - Gets the source's values, each in its event's scope, and the room that keeps values until somebody
 * subscribes.
 */
export function parted<T, W>(
  source: Observable<T>,
  plain: (values: Observable<T>, room: WaitingRoom<T>) => Observable<W>,
): Observable<W> {
  const feed = (subscriber: Subscriber<W>) => {
    const room = new WaitingRoom<T>();
    subscriber.add(() => room.end());
    // Not the source itself: the Observable that RxJS's operator makes is not a stage of the stream.
    const values = new Observable<T>((inner) => subscribeSource(source, inner, { next: (value) => inner.next(value) }));
    subscribeInner(plain(values, room), subscriber, {
      next: (part) => subscriber.next(part),
      complete: () => {
        room.state = 'completed';
        subscriber.complete();
      },
    });
  };
  const begin = (subscriber: Subscriber<W>) => ({ next: (part: W) => subscriber.next(part) });
  return operate(source, 'parts', begin, feed);
}

/** The same for windows: each keeps its values until somebody subscribes to it. */
export function windowed<T>(
  source: Observable<T>,
  plain: OperatorFunction<T, Observable<T>>,
): Observable<Observable<T>> {
  return parted(
    source,
    (values, room: WaitingRoom<T>) =>
      // Each is subscribed to before any value comes through it.
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
