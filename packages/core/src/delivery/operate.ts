import type { Observable, Subscriber, Unsubscribable } from 'rxjs';
import type { OperatorRole } from './operator-role.js';
import { OwnSubscriber } from './own-subscriber.js';
import { scope } from './scope.js';
import { currentFrame, inFrame, newFrame, streamsOf, type Frame } from './subscribing.js';
import { announceOn, placeBehind, TrackedObservable } from './tracked-observable.js';

/** What an operator does with what its source sends. What is left out is passed on. */
export interface OperatorHandlers<T> {
  /** `upstream` ends the source alone: what is downstream goes on. */
  readonly next: (value: T, upstream: Unsubscribable) => void;
  readonly complete?: () => void;
  /** Called before an error of the source is passed on. */
  readonly error?: (error: unknown) => void;
}

/**
 * Makes what an operator returns: an Observable that subscribes to the source as RxJS's own operators do. Unsubscribing
 * downstream reaches a source that is still emitting inside `subscribe()`, and an error thrown by a handler becomes the
 * Observable's error.
 *
 * ```ts
 * const doubled = (source: Observable<number>) =>
 *   operate(source, 'keeps', (subscriber: Subscriber<number>) => ({ next: (value) => subscriber.next(value * 2) }));
 * ```
 *
 * @param role - What the operator does with events: without one that `works`, nothing is committed.
 * @param begin - Called for each subscription, before the source is subscribed to.
 * @param feed - For an operator that has others do its work: subscribes to the source, with `subscribeSource`, and gives the
 * handlers what comes of it.
 */
export function operate<T, R, E = T>(
  source: Observable<T>,
  role: OperatorRole,
  begin: (subscriber: Subscriber<R>) => OperatorHandlers<E>,
  feed?: (subscriber: Subscriber<E>) => void,
): Observable<R> {
  const works = role === 'works';
  const place = placeBehind(source, works);
  return new TrackedObservable<R>((subscriber) => {
    const own = new OperatorSubscriber(subscriber, begin(subscriber));
    const frame = newFrame({ subscriber, of: place });
    if (works) announceOn(source, frame);
    inFrame(frame, () => {
      if (feed) feed(own);
      else feedFrom(source as Observable<unknown> as Observable<E>, own);
    });
  }, place);
}

/** Subscribes to an operator's own source, in its `feed`. */
export function subscribeSource<T>(
  source: Observable<T>,
  destination: Subscriber<never>,
  handlers: OperatorHandlers<T>,
): void {
  feedFrom(source, new OperatorSubscriber(destination, handlers));
}

function feedFrom<T>(source: Observable<T>, subscriber: OperatorSubscriber<T>): void {
  if (!(source instanceof TrackedObservable)) subscriber.frame = currentFrame();
  source.subscribe(subscriber);
}

/** Subscribes an operator to a source beside its own: the work on a value, or what tells it when. */
export function subscribeInner<T>(
  source: Observable<T>,
  destination: Subscriber<never>,
  handlers: OperatorHandlers<T>,
): void {
  source.subscribe(new OperatorSubscriber(destination, handlers));
}

class OperatorSubscriber<T> extends OwnSubscriber<T> {
  /** Set where values come through what cannot be looked into: static `merge`, a Subject, an Observable by hand. */
  frame: Frame | undefined;

  constructor(
    private readonly downstream: Subscriber<never>,
    private readonly handlers: OperatorHandlers<T>,
  ) {
    // Operators outside RxJS have no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(downstream);
  }

  protected override _next(value: T): void {
    if (this.frame !== undefined) this.look(this.frame);
    try {
      this.handlers.next(value, this);
    } catch (error) {
      this.downstream.error(error);
    }
  }

  /** Whether everything that comes here came late: then what it is made of was settled before. */
  private look(frame: Frame): void {
    if (scope.current() === undefined) streamsOf(frame).forEach((stream) => stream.late());
    // Once one came in scope, what comes late may be of other sources.
    else this.frame = undefined;
  }

  protected override _error(error: unknown): void {
    this.handlers.error?.(error);
    super._error(error);
  }

  protected override _complete(): void {
    const { complete } = this.handlers;
    if (complete === undefined) {
      super._complete();
      return;
    }
    try {
      complete();
    } catch (error) {
      this.downstream.error(error);
    } finally {
      this.unsubscribe();
    }
  }
}
