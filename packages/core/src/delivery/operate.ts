import { Observable, type Subscriber, type Unsubscribable } from 'rxjs';
import type { OperatorRole } from './operator-role.js';
import { OwnSubscriber } from './own-subscriber.js';
import { isPart } from './part.js';
import { inScopeOf, scope } from './scope.js';
import {
  currentFrame,
  forget,
  inFrame,
  newFrame,
  streamsOf,
  SURE,
  type Frame,
  type PipelinePlace,
} from './subscribing.js';
import { announceOn, placeBehind, retractOn, trackPart, TrackedObservable } from './tracked-observable.js';

/** How an operator handles its source's notifications. Without a handler, a notification is passed on. */
export interface OperatorHandlers<T> {
  /** Unsubscribing `upstream` ends only the source. Downstream continues. */
  readonly next: (value: T, upstream: Unsubscribable) => void;
  readonly complete?: () => void;
  /** Called before an error of the source is passed on. */
  readonly error?: (error: unknown) => void;
}

/**
 * Makes the Observable that an operator returns. It subscribes to the source as RxJS's own operators do. Unsubscribing
 * downstream reaches a source that is still emitting inside `subscribe()`, and an error thrown by a handler becomes the
 * Observable's error.
 *
 * ```ts
 * const doubled = (source: Observable<number>) =>
 *   operate(source, 'keeps', (subscriber: Subscriber<number>) => ({ next: (value) => subscriber.next(value * 2) }));
 * ```
 *
 * @param role - What the operator does with events. Without an operator that `works`, nothing is committed. An operator
 * that emits groups or windows of values keeps them in `parts`: each group is emitted outside of any event's scope, and
 * what follows it is observed as what follows the stream is.
 * @param begin - Called for each subscription, before the source is subscribed to.
 * @param feed - For an operator that other operators do the work of. It subscribes to the source with
 * `subscribeSource`, and passes the resulting values to the handlers.
 */
export function operate<T, R, E = T>(
  source: Observable<T>,
  role: OperatorRole | 'parts',
  begin: (subscriber: Subscriber<R>) => OperatorHandlers<E>,
  feed?: (subscriber: Subscriber<E>) => void,
): Observable<R> {
  const place = placeBehind(source, role);
  return new TrackedObservable<R>((subscriber) => {
    const frame = newFrame({ subscriber, of: place, outer: place.outer });
    const target = role === 'parts' ? new PartsSubscriber(subscriber, place, frame) : subscriber;
    const own = new OperatorSubscriber(target, begin(target));
    if (role === 'works') {
      frame.works = true;
      announceOn(source, frame, frame);
      // One that ends before its first value leaves nothing behind for later subscriptions.
      subscriber.add(() => forget(frame, frame));
    }
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
  const frame = currentFrame();
  if (TrackedObservable.placeOf(source) === undefined) subscriber.frame = frame;
  if (frame?.works) subscriber.announced = (isSure) => makeSure(source, frame, isSure);
  source.subscribe(subscriber);
}

/** An operator that works is given its first value. A group or window shows that it works on no event. */
function makeSure(source: unknown, frame: Frame, isSure: boolean): void {
  if (isSure) announceOn(source, frame, SURE);
  else frame.works = false;
  retractOn(source, frame, frame);
}

/** Subscribes an operator to a source beside its own: the work on a value, or a notifier. */
export function subscribeInner<T>(
  source: Observable<T>,
  destination: Subscriber<never>,
  handlers: OperatorHandlers<T>,
): void {
  source.subscribe(new OperatorSubscriber(destination, handlers));
}

/** Passes groups and windows on, and has what follows them observed. */
class PartsSubscriber<R> extends OwnSubscriber<R> {
  constructor(
    private readonly downstream: Subscriber<R>,
    private readonly place: PipelinePlace,
    private readonly frame: Frame,
  ) {
    // Operators outside RxJS have no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(downstream);
  }

  protected override _next(part: R): void {
    if (part instanceof Observable) trackPart(part, this.place, this.frame);
    inScopeOf(undefined, () => this.downstream.next(part));
  }
}

class OperatorSubscriber<T> extends OwnSubscriber<T> {
  /** Set where values come through an opaque Observable: static `merge`, a Subject, an Observable made by hand. */
  frame: Frame | undefined;
  /** For an operator that works, until its first value comes: makes its announcement sure, or takes it back. */
  announced: ((isSure: boolean) => void) | undefined;

  constructor(
    private readonly downstream: Subscriber<never>,
    private readonly handlers: OperatorHandlers<T>,
  ) {
    // Operators outside RxJS have no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(downstream);
  }

  protected override _next(value: T): void {
    if (this.announced !== undefined) this.firstValue(!isPart(value));
    if (this.frame !== undefined) this.look(this.frame);
    try {
      this.handlers.next(value, this);
    } catch (error) {
      this.downstream.error(error);
    }
  }

  private firstValue(isSure: boolean): void {
    const { announced } = this;
    this.announced = undefined;
    announced?.(isSure);
  }

  /** Checks whether all values come late. Then the events that they are made of were settled before. */
  private look(frame: Frame): void {
    if (scope.current() === undefined) streamsOf(frame).forEach((stream) => stream.late());
    // Once a value came in scope, late values may be of other sources.
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
