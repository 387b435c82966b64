// The parts that RxJS's own operators are made of are deprecated for others, but there is no other way to observe them.
// Without `lift` the stages are not known, and everything else works.
/* eslint-disable @typescript-eslint/no-deprecated */
import { Observable, Subject, Subscriber, Subscription, type Observer, type Operator } from 'rxjs';
import { announceOnBus, joinBus, retractOnBus } from './bus.js';
import type { OperatorRole } from './operator-role.js';
import { OwnSubscriber } from './own-subscriber.js';
import { IS_PART, partOf, viewPart, type PartView } from './part.js';
import { Stage } from './stage.js';
import {
  announce,
  currentFrame,
  inFrame,
  lastAround,
  newFrame,
  retract,
  SURE,
  type Frame,
  type LastSubscriber,
  type LiveStreams,
  type PipelinePlace,
} from './subscribing.js';
import { isInLastSubscriber, waitingObserver, worksAsynchronously } from './waiting-observer.js';
import { valuesOf } from './values-of.js';

/**
 * An Observable of ours, or the output of plain operators on one. RxJS makes each operator's output by `lift`, so the
 * output is known as a stage. The Observable waits for an asynchronous last subscriber, and the stream can see which
 * subscribers work.
 */
export class TrackedObservable<T> extends Observable<T> implements AsyncIterable<T> {
  // eslint-disable-next-line no-restricted-syntax -- A brand: no other object can have it.
  readonly #place: PipelinePlace;

  /** @param place - Left out for a stream itself. */
  constructor(subscribe?: (subscriber: Subscriber<T>) => void, place: PipelinePlace = streamPlace()) {
    super(subscribe);
    this.#place = place;
  }

  /** The live subscriptions of the stream that it was made from. A stream adds its own. */
  get streams(): LiveStreams {
    return this.#place.streams;
  }

  /** Its place in its pipeline. */
  static placeOf(observable: unknown): PipelinePlace | undefined {
    const known = partOf(observable)?.observable ?? observable;
    return known instanceof TrackedObservable ? known.#place : undefined;
  }

  /** Whether it brings the values of a group or window. */
  get [IS_PART](): boolean {
    return #place in this && this.#place.outer !== undefined;
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    // RxJS uses this method for its ConnectableObservable, which its operators need unchanged.
    if (!(#place in this)) return trackedAgain(super.lift(operator));
    const place = this.#place;
    // There may be a group for each record: they share what is the same for all.
    return new LiftedObservable(this, operator, place.outer ? (place.lifted ??= placeAfter(place)) : placeAfter(place));
  }

  override subscribe(observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null): Subscription;
  override subscribe(...given: unknown[]): Subscription {
    const [first, error, complete] = given;
    if (first instanceof OwnSubscriber) {
      this.connectOwn(first as Subscriber<T>);
      return first;
    }
    if (first instanceof Subscriber) {
      this.connect(first as Subscriber<T>, undefined, undefined);
      return first;
    }
    const observer = (
      typeof first === 'object' && first !== null ? first : { next: first, error, complete }
    ) as Partial<Observer<T>>;
    return this.subscribeLast(observer);
  }

  /** As RxJS's own, but it waits for a promise that `next` returns. */
  override forEach(next: (value: T) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const subscription = new Subscription();
      const guarded = (value: T) => {
        // A source that emits at once cannot be stopped before the subscription exists.
        if (subscription.closed) return undefined;
        try {
          return next(value);
        } catch (error) {
          subscription.unsubscribe();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever it is
          reject(error);
        }
      };
      const observer = { next: guarded, error: (error: Error) => reject(error), complete: () => resolve() };
      subscription.add(this.subscribeLast(observer, worksAsynchronously(next)));
    });
  }

  /**
   * The values for `for await`. Each value is held until the loop asks for the next one, so a crash in the loop's body
   * loses nothing. Values that come meanwhile wait, held. Leaving the loop early unsubscribes, and the value in the
   * body comes again.
   */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return valuesOf<T>((observer) => this.subscribeLast(observer, true));
  }

  /**
   * Subscribes an operator, or another receiver that passes values on.
   *
   * @param following - The output of the operator, where that is a plain one.
   */
  connect(target: Subscriber<T>, following: Stage<never> | undefined, last: LastSubscriber | undefined): void {
    const place = this.#place;
    const frame = newFrame({
      subscriber: target,
      parent: following?.frame ?? currentFrame(),
      of: place.isStream ? undefined : place,
      outer: place.outer,
    });
    const end = last ?? following?.last ?? lastAround(place.outer);
    const leaves = last !== undefined || place.outer === undefined;
    const own = new OperatorStage(target, place, following, frame, end, leaves);
    inFrame(frame, () => this.begin(own));
  }

  /** An operator of ours need not be observed, so there is no stage where no operator is in between. */
  private connectOwn(target: Subscriber<T>): void {
    if (this.#place.index === 0) super.subscribe(target);
    else this.connect(target, undefined, undefined);
  }

  /** Subscribes a stage to its input. */
  protected begin(stage: Stage<T>): void {
    super.subscribe(stage);
  }

  private subscribeLast(observer: Partial<Observer<T>>, works = worksAsynchronously(observer.next)): Subscription {
    const last = { bare: typeof observer.next !== 'function' };
    // In an operator's project, what is subscribed to a group need not be what works.
    const shows = this.#place.outer === undefined || isInLastSubscriber();
    const bus = observer instanceof Subject ? (observer as Subject<unknown>) : undefined;
    const end = new Observable<T>((subscriber) => {
      const frame = newFrame({ subscriber, last, outer: this.#place.outer });
      inFrame(frame, () => {
        if (bus) joinBus(bus, frame, subscriber);
        if (works) announceOn(this, frame, SURE);
        this.connect(subscriber, undefined, last);
      });
    });
    return end.subscribe(waitingObserver(observer, shows));
  }
}

/** The output of a plain operator on an Observable of ours. */
class LiftedObservable<T, R> extends TrackedObservable<R> {
  // eslint-disable-next-line no-restricted-syntax -- A brand: no other object can have it.
  readonly #source: TrackedObservable<T>;
  // eslint-disable-next-line no-restricted-syntax -- A brand: no other object can have it.
  readonly #operator: Operator<T, R> | undefined;

  constructor(source: TrackedObservable<T>, operator: Operator<T, R> | undefined, place: PipelinePlace) {
    super(undefined, place);
    this.#source = source;
    this.#operator = operator;
  }

  protected override begin(stage: Stage<R>): void {
    // Each subscription has a source of its own, which knows whose input it is, however late the operator subscribes to
    // it.
    const input = new Observable<T>((subscriber) => this.#source.connect(subscriber, stage, undefined));
    input.lift(this.#operator).subscribe(stage);
  }
}

/** The output of a plain operator, which may be groups or windows. */
class OperatorStage<T> extends Stage<T> {
  protected override observe(emitted: Observable<unknown>): void {
    if (isGroup(emitted)) trackPart(emitted, this.place, this.frame);
  }
}

/** Whether a plain operator made an Observable as a group or window. Others may be anything. */
function isGroup(emitted: Observable<unknown>): boolean {
  if (Object.getPrototypeOf(emitted) !== Observable.prototype) return false;
  if (Object.hasOwn(emitted, 'key')) return true;
  // A window is made of a Subject that nobody else has. One of the user's own is shared, or of another class.
  const { source } = emitted;
  return source instanceof Subject && Object.getPrototypeOf(source) === Subject.prototype && !source.observed;
}

/** The place of a plain operator's output. */
function placeAfter(place: PipelinePlace): PipelinePlace {
  // Without a stream nobody needs the stack, and operators on a value's inner Observables are made by the million.
  const built = place.streams === NOWHERE ? undefined : stackHere();
  return { ...place, isStream: false, index: place.index + 1, built, lifted: undefined };
}

/** Makes the place of an operator's output, for operators of ours. */
export function placeBehind(source: unknown, role: OperatorRole | 'parts'): PipelinePlace {
  const before = TrackedObservable.placeOf(source);
  return {
    isStream: false,
    index: 0,
    afterWork: role === 'works' || (before?.afterWork ?? false),
    streams: before?.streams ?? NOWHERE,
    hidden: before?.hidden ?? false,
    outer: before?.outer,
    built: undefined,
    lifted: undefined,
  };
}

/** Announces a subscriber that works on an Observable, to its stream, now or later. */
export function announceOn(source: unknown, frame: Frame, by: object): void {
  announce(frame, by);
  const root = rootOf(source);
  const { streams, hidden = false } = TrackedObservable.placeOf(root) ?? {};
  streams?.live.forEach((stream) => stream.announced(by));
  const isHidden = hidden || root !== (partOf(source)?.observable ?? source);
  if (streams && streams !== NOWHERE && isHidden) streams.expected = true;
  if (root instanceof Subject) announceOnBus(root, by);
}

/** Takes an announcement back: what the subscriber is given are groups or windows, and what follows these works. */
export function retractOn(source: unknown, frame: Frame, by: object): void {
  retract(frame, by);
  const root = rootOf(source);
  TrackedObservable.placeOf(root)?.streams.live.forEach((stream) => stream.retracted(by));
  if (root instanceof Subject) retractOnBus(root, by);
}

/** Turns an Observable into one of ours, for Observables made from several streams. */
export function tracked<T>(observable: Observable<T>): TrackedObservable<T> {
  return new TrackedObservable<T>(
    (subscriber) => void observable.subscribe(subscriber),
    placeBehind(undefined, 'keeps'),
  );
}

/** Tracks an Observable that hides the stream that it was made from. */
function trackedAgain<T>(hiding: Observable<T>): TrackedObservable<T> {
  const place = { ...placeBehind(rootOf(hiding), 'keeps'), hidden: true };
  return new TrackedObservable<T>((subscriber) => void hiding.subscribe(subscriber), place);
}

/**
 * Has what follows a group or window of values observed as what follows the stream is.
 *
 * @param of - The place of the operator that made it.
 * @param frame - The subscription of that operator.
 */
export function trackPart(part: Observable<unknown>, of: PipelinePlace, frame: Frame): void {
  if (partOf(part) !== undefined || !Object.isExtensible(part)) return;
  const place = (frame.partPlace ??= { ...of, index: 0, outer: frame, built: undefined, lifted: undefined });
  const observable = new TrackedObservable<unknown>((subscriber) => {
    view.heard++;
    return subscribePlainly.call(part, subscriber);
  }, place);
  const view: PartView = { observable, heard: 0, emittedWith: undefined };
  viewPart(part, view);
}

/** RxJS's own, without what a view of the same Observable does. */
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on an Observable
const subscribePlainly = Observable.prototype.subscribe as (
  this: Observable<unknown>,
  to: Subscriber<unknown>,
) => Subscription;

/**
 * The Observable that another one was piped from. RxJS has it in a field that it calls internal. Without that field,
 * nothing is known.
 */
function rootOf(source: unknown): unknown {
  let root = partOf(source)?.observable ?? source;
  while (root instanceof Observable && root.source instanceof Observable) root = root.source;
  return root;
}

const NOWHERE: LiveStreams = { live: new Set(), expected: false };

function streamPlace(): PipelinePlace {
  return {
    isStream: true,
    index: 0,
    afterWork: false,
    streams: { live: new Set(), expected: false },
    built: undefined,
    hidden: false,
    outer: undefined,
    lifted: undefined,
  };
}

function stackHere(): Error {
  const limit = Error.stackTraceLimit;
  // Where the process wants no stacks, as they cost, it gets none here either.
  if (limit > 0) Error.stackTraceLimit = 30;
  const built = new Error('pipe() was called here');
  Error.stackTraceLimit = limit;
  return built;
}
