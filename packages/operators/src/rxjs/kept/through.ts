import { Observable, type Subscriber } from 'rxjs';
import {
  hold,
  joinHolds,
  operate,
  subscribeInner,
  subscribeSource,
  type Hold,
  type OperatorRole,
} from '@rxforce/core/delivery';
import { Keeper, type Kept } from './keeper.js';

/** A value to emit in the scope of held events. */
export interface Emission<R> {
  readonly value: R;
  readonly held: Hold;
  /** Called when the value is emitted. Without it, more values may come from the same events. */
  readonly after?: () => void;
}

/** The last value that comes from the held events. */
export function lastOf<R>(held: Hold, value: R): Emission<R> {
  return { value, held, after: () => held.release() };
}

/** How an operator of RxJS works on values that are kept. */
export interface Passage<T, R> {
  readonly role: OperatorRole;
  /** Applies RxJS's own operator to values that carry the claims on their events. */
  readonly plain: (values: Observable<Kept<T>>, keeper: Keeper<T>) => Observable<Emission<R>>;
  /**
   * Lets go of what it can, early: all events of the window are kept, and no more come before it does. Without this
   * function, the operator continues by itself at its own time.
   */
  readonly pressed?: (keeper: Keeper<T>, emit: (emission: Emission<R>) => void) => void;
}

/**
 * Makes the twin of an operator of RxJS. RxJS's operator does the work, so all times are RxJS's. It gets each value
 * together with its claim, and its results are emitted in the scope of the events that they came from.
 */
export function through<T, R>(source: Observable<T>, { role, plain, pressed }: Passage<T, R>): Observable<R> {
  const feed = (subscriber: Subscriber<Emission<R>>) => {
    const emit = (emission: Emission<R>) => subscriber.next(emission);
    const keeper = new Keeper<T>(role, pressed && (() => pressed(keeper, emit)));
    subscriber.add(() => keeper.abandon());
    subscribeInner(plain(keptValues(source, keeper), keeper), subscriber, {
      next: emit,
      complete: () => {
        // The remaining values will never be emitted: they were dropped, as by a filter.
        keeper.release(keeper.all());
        subscriber.complete();
      },
    });
  };
  const begin = (subscriber: Subscriber<R>) => ({ next: (emission: Emission<R>) => emit(emission, subscriber) });
  return operate(source, role, begin, feed);
}

/** The values of an input, each with the claim on its event. */
export function keptValues<T>(input: Observable<T>, keeper: Keeper<T>): Observable<Kept<T>> {
  return new Observable((subscriber) =>
    subscribeSource(input, subscriber, { next: (value) => subscriber.next(keeper.keep(value)) }),
  );
}

function emit<R>({ value, held, after }: Emission<R>, subscriber: Subscriber<R>): void {
  if (after) {
    held.emit(subscriber, value);
    after();
  } else {
    emitBeside(held, subscriber, value);
  }
}

/** A result may be emitted in the scope of another event, from a stream inside the work. Then it is in both scopes. */
function emitBeside<R>(held: Hold, subscriber: Subscriber<R>, value: R): void {
  const beside = hold(undefined, 'keeps');
  const other = beside.delivery();
  if (other === undefined || held.delivery()?.covers(other)) held.emit(subscriber, value);
  else joinHolds([held, beside]).emit(subscriber, value);
  beside.release();
}
