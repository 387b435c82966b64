// What RxJS's own operators are made of is deprecated for others, and there is no other way to see them: without `lift` the
// stages are not known, and all else goes on.
/* eslint-disable @typescript-eslint/no-deprecated */
import { Observable, Subject, Subscriber, Subscription, type Observer, type Operator } from 'rxjs';
import { OwnSubscriber } from './own-subscriber.js';
import { Stage, type LastSubscriber, type Place } from './stage.js';
import { announce, currentFrame, inFrame, newFrame, type Frame, type LiveStreams } from './subscribing.js';
import { waitingObserver, worksAsynchronously } from './waiting-observer.js';
import { valuesOf } from './values-of.js';

/**
 * An Observable of ours, and what plain operators make of one: each operator of RxJS is made by `lift`, so that its output is
 * known as a stage; a last subscriber that is asynchronous is waited for; and whoever works can be seen by the stream.
 */
export class TrackedObservable<T> extends Observable<T> implements AsyncIterable<T> {
  // eslint-disable-next-line no-restricted-syntax -- A brand: no other object can have it.
  readonly #place: Place;

  /** @param place - Left out for a stream itself. */
  constructor(subscribe?: (subscriber: Subscriber<T>) => void, place: Place = streamPlace()) {
    super(subscribe);
    this.#place = place;
  }

  /** The live subscriptions of the stream that it was made of. A stream adds its own. */
  get streams(): LiveStreams {
    return this.#place.streams;
  }

  /** Where it stands in its pipeline. */
  static placeOf(observable: unknown): Place | undefined {
    return observable instanceof TrackedObservable ? observable.#place : undefined;
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    // RxJS lends it to its ConnectableObservable, which its operators need as it is.
    if (!(#place in this)) return trackedAgain(super.lift(operator));
    const { index, streams, afterWork, hidden } = this.#place;
    // Without a stream there is nobody to tell of it: operators on a value's inner Observables are made by the million.
    const built = streams === NOWHERE ? undefined : stackHere();
    return new LiftedObservable(this, operator, {
      isStream: false,
      index: index + 1,
      streams,
      afterWork,
      hidden,
      built,
    });
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

  /** As RxJS's own, but what `next` returns is waited for where it is a promise. */
  override forEach(next: (value: T) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const subscription = new Subscription();
      const guarded = (value: T) => {
        // A source that emits at once is not stopped before it has been subscribed to.
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
   * The values for `for await`: each is held until the next one is asked for, so a crash in the loop's body loses nothing. What
   * comes meanwhile waits, held. Leaving the loop early unsubscribes; the value that was in the body then comes again.
   */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return valuesOf<T>((observer) => this.subscribeLast(observer, true));
  }

  /**
   * Subscribes an operator, or whoever else hands values on.
   *
   * @param following - The output of the operator, where it is a plain one.
   */
  connect(target: Subscriber<T>, following: Stage<never> | undefined, last: LastSubscriber | undefined): void {
    const place = this.#place;
    const frame = newFrame({
      subscriber: target,
      parent: following?.frame ?? currentFrame(),
      of: place.isStream ? undefined : place,
    });
    const own = new Stage(target, place, following, frame, last ?? following?.last);
    inFrame(frame, () => this.begin(own));
  }

  /** An operator of ours need not be looked at: without a stage where nothing stands between. */
  private connectOwn(target: Subscriber<T>): void {
    if (this.#place.index === 0) super.subscribe(target);
    else this.connect(target, undefined, undefined);
  }

  /** Has a stage fed. */
  protected begin(stage: Stage<T>): void {
    super.subscribe(stage);
  }

  private subscribeLast(observer: Partial<Observer<T>>, works = worksAsynchronously(observer.next)): Subscription {
    const last = { bare: typeof observer.next !== 'function' };
    const bus = observer instanceof Subject ? busOf(observer as Subject<unknown>) : undefined;
    const end = new Observable<T>((subscriber) => {
      const frame = newFrame({ subscriber, isLast: true });
      inFrame(frame, () => {
        if (bus) joinBus(bus, frame, subscriber);
        if (works) announceOn(this, frame);
        this.connect(subscriber, undefined, last);
      });
    });
    return end.subscribe(waitingObserver(observer));
  }
}

/** What a plain operator makes of an Observable of ours. */
class LiftedObservable<T, R> extends TrackedObservable<R> {
  // eslint-disable-next-line no-restricted-syntax -- A brand: no other object can have it.
  readonly #source: TrackedObservable<T>;
  // eslint-disable-next-line no-restricted-syntax -- A brand: no other object can have it.
  readonly #operator: Operator<T, R> | undefined;

  constructor(source: TrackedObservable<T>, operator: Operator<T, R> | undefined, place: Place) {
    super(undefined, place);
    this.#source = source;
    this.#operator = operator;
  }

  protected override begin(stage: Stage<R>): void {
    // Each subscription has a source of its own, which knows whose input it is, however late the operator subscribes to it.
    const input = new Observable<T>((subscriber) => this.#source.connect(subscriber, stage, undefined));
    input.lift(this.#operator).subscribe(stage);
  }
}

/** Makes the place of what an operator of ours returns. */
export function placeBehind(source: unknown, works: boolean): Place {
  const before = TrackedObservable.placeOf(source);
  return {
    isStream: false,
    index: 0,
    afterWork: works || (before?.afterWork ?? false),
    streams: before?.streams ?? NOWHERE,
    hidden: before?.hidden ?? false,
    built: undefined,
  };
}

/** Somebody who works subscribes to an Observable: whatever stream is behind it, now or later, shall know. */
export function announceOn(source: unknown, frame: Frame): void {
  announce(frame);
  const root = rootOf(source);
  const { streams, hidden = false } = TrackedObservable.placeOf(root) ?? {};
  streams?.live.forEach((stream) => stream.announced());
  if (streams && streams !== NOWHERE && (root !== source || hidden)) streams.expected = true;
  if (root instanceof Subject) announceOnBus(busOf(root));
}

/** An Observable as one of ours, for what is made of several streams. */
export function tracked<T>(observable: Observable<T>): TrackedObservable<T> {
  return new TrackedObservable<T>((subscriber) => void observable.subscribe(subscriber), placeBehind(undefined, false));
}

/** What is made of an Observable that hides the stream which it was made of. */
function trackedAgain<T>(hiding: Observable<T>): TrackedObservable<T> {
  const place = { ...placeBehind(rootOf(hiding), false), hidden: true };
  return new TrackedObservable<T>((subscriber) => void hiding.subscribe(subscriber), place);
}

/** A Subject that is given the values of streams. */
interface Bus {
  /** Whether somebody who works has subscribed behind it. */
  announced: boolean;
  readonly streams: Set<Frame>;
}

const buses = new WeakMap<Subject<unknown>, Bus>();

function busOf(subject: Subject<unknown>): Bus {
  const known = buses.get(subject) ?? { announced: false, streams: new Set() };
  buses.set(subject, known);
  return known;
}

function joinBus(bus: Bus, frame: Frame, subscriber: Subscriber<never>): void {
  if (bus.announced) announce(frame);
  bus.streams.add(frame);
  subscriber.add(() => bus.streams.delete(frame));
}

function announceOnBus(bus: Bus): void {
  bus.announced = true;
  bus.streams.forEach(announce);
}

/** What an Observable was piped from. RxJS shows it in a field that it calls internal: where that is gone, nothing is known. */
function rootOf(source: unknown): unknown {
  let root = source;
  while (root instanceof Observable && root.source instanceof Observable) root = root.source;
  return root;
}

const NOWHERE: LiveStreams = { live: new Set(), expected: false };

function streamPlace(): Place {
  return {
    isStream: true,
    index: 0,
    afterWork: false,
    streams: { live: new Set(), expected: false },
    built: undefined,
    hidden: false,
  };
}

function stackHere(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const built = new Error('pipe() was called here');
  Error.stackTraceLimit = limit;
  return built;
}
