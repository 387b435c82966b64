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

/** A value to be emitted in the scope of what is held. */
export interface Emission<R> {
  readonly value: R;
  readonly held: Hold;
  /** Called once it is emitted; without it more may come of the same events. */
  readonly after?: () => void;
}

/** A value that is all that comes of what is held. */
export function lastOf<R>(held: Hold, value: R): Emission<R> {
  return { value, held, after: () => held.release() };
}

/** How an operator of RxJS works on values that are kept. */
export interface Passage<T, R> {
  readonly role: OperatorRole;
  /** Has RxJS's own operator do it: what goes through it is not values, but values with the claims on their events. */
  readonly plain: (values: Observable<Kept<T>>, keeper: Keeper<T>) => Observable<Emission<R>>;
  /**
   * Lets go of what it can, early: all events of the window are kept, and no more come before that. Without it the operator
   * goes on by itself, when its time has come.
   */
  readonly pressed?: (keeper: Keeper<T>, emit: (emission: Emission<R>) => void) => void;
}

/**
 * Makes the twin of an operator of RxJS. The operator itself does the work, so that all comes at RxJS's times; it is given
 * each value together with its claim, and what it emits is emitted in the scope of the events that it came of.
 */
export function through<T, R>(source: Observable<T>, { role, plain, pressed }: Passage<T, R>): Observable<R> {
  const feed = (subscriber: Subscriber<Emission<R>>) => {
    const emit = (emission: Emission<R>) => subscriber.next(emission);
    const keeper = new Keeper<T>(role, pressed && (() => pressed(keeper, emit)));
    subscriber.add(() => keeper.abandon());
    subscribeInner(plain(keptValues(source, keeper), keeper), subscriber, {
      next: emit,
      complete: () => {
        // What is left never will be emitted: it was dropped, as by a filter.
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

/** What comes of an event may come in the scope of another one: of a stream inside the work. Then it is in both. */
function emitBeside<R>(held: Hold, subscriber: Subscriber<R>, value: R): void {
  const beside = hold(undefined, 'keeps');
  const other = beside.delivery();
  if (other === undefined || held.delivery()?.covers(other)) held.emit(subscriber, value);
  else joinHolds([held, beside]).emit(subscriber, value);
  beside.release();
}
