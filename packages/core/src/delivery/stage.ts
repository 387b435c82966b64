import { Observable, Subscriber, type Subscription } from 'rxjs';
import type { Delivery } from './delivery.js';
import { scope } from './scope.js';
import { streamsOf, type Frame, type KeptFinding, type LiveStreams, type PipelineListener } from './subscribing.js';

/** What is known of a tracked Observable when its pipeline is built. */
export interface Place {
  /** Whether it is a stream itself. */
  readonly isStream: boolean;
  /** How many plain operators stand before its output, counted from the stream or the last operator of ours. */
  readonly index: number;
  /** Whether an operator of ours that works stands before it. */
  readonly afterWork: boolean;
  /** The live subscriptions of the stream that it was made of; empty where that is not known. */
  readonly streams: LiveStreams;
  /** Whether something hides the stream: it may be connected to what comes of it later. */
  readonly hidden: boolean;
  /** Holds the stack of the call of `pipe()`. */
  readonly built: Error | undefined;
}

/** Who is at the end of a pipeline. */
export interface LastSubscriber {
  /** Whether it has no `next`: then nobody but operators works on what comes. */
  readonly bare: boolean;
}

/**
 * The output of one plain operator, or of the stream itself, in a live pipeline. It sees what no operator tells: whether the
 * operator gave anything on during the call that brought a value, and whether it ever emits with no delivery in scope. One that
 * withheld and emits late, or emits what it withheld in an array, keeps events; one that withholds and never does is a filter;
 * one that never withheld injects values of its own.
 */
export class Stage<T> extends Subscriber<T> {
  /** Values that came out. */
  out = 0;
  private emittingLate = false;
  private withheld = 0;
  /** Whether it gave nothing on for a value that came late. */
  private withheldLate = false;
  private first: Delivery | undefined;
  /** What the operator was given last. */
  private incoming: unknown;
  private keptObjects: WeakSet<object> | undefined;
  private keptValues: Set<unknown> | undefined;
  private isTold = false;
  /** The stage at the operator's input. */
  input: Stage<unknown> | undefined;

  /**
   * @param target - Who gets the values.
   * @param next - The output of the operator that they go to, where that is a plain one.
   * @param frame - The subscription that it is part of.
   * @param last - Who is at the end, where that is known.
   */
  constructor(
    private readonly target: Subscriber<T>,
    readonly place: Place,
    readonly following: Stage<never> | undefined,
    readonly frame: Frame,
    readonly last: LastSubscriber | undefined,
  ) {
    // Operators outside RxJS have no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(target);
    if (following) following.input = this;
  }

  protected override _next(value: T): void {
    this.out++;
    const delivery = scope.current();
    if (delivery === undefined) this.passLate(value);
    else this.passInScope(value, delivery);
  }

  /** The operator has ended by itself: what it had to do is done, and what it had to give is given. */
  protected override _complete(): void {
    if (this.withheld > 0) this.streams().forEach((stream) => stream.finished(this));
    super._complete();
  }

  private passInScope(value: T, delivery: Delivery): void {
    const { following: next, target } = this;
    if (this.withheld > 0 && Array.isArray(value) && this.collects(value)) this.keeps('collected', true);
    const before = next?.out;
    if (next) next.incoming = value;
    if (this.place.index > 0 && value instanceof Observable) this.passGroup(value, delivery);
    else target.next(value);
    if (next === undefined || next.closed) delivery.left();
    else if (next.out === before) next.withhold(value, delivery);
  }

  /** A group or window is only worth something to who subscribes at once, or holds it: what comes before that is dropped. */
  private passGroup(value: T & Observable<unknown>, delivery: Delivery): void {
    const note = noteSubscriptions(value);
    const { claims } = delivery;
    try {
      this.target.next(value);
    } finally {
      note.end();
    }
    if (note.isHeard || delivery.claims > claims) return;
    this.first ??= delivery;
    this.keeps('unheard', false);
  }

  private passLate(value: T): void {
    // Behind the work, what another operator had collected may be worked on.
    const withheld = this.withheld > 0 || (this.withheldLate && this.place.afterWork);
    if (withheld && this.input?.emittingLate !== true) this.keeps('late', this.passesOn(value));
    const { following: next } = this;
    const before = next?.out;
    this.emittingLate = true;
    try {
      this.target.next(value);
    } finally {
      this.emittingLate = false;
    }
    if (next !== undefined && next.out === before) next.withheldLate = true;
  }

  /** For the stage before: the operator gave nothing on for this value, so far. */
  private withhold(value: unknown, delivery: Delivery): void {
    this.withheld++;
    this.first ??= delivery;
    if (isObject(value)) (this.keptObjects ??= new WeakSet()).add(value);
    else if (this.keptValues === undefined) this.keptValues = new Set([value]);
    else if (this.keptValues.size < MOST_KEPT_VALUES) this.keptValues.add(value);
    const isBare = this.last?.bare === true;
    if (isBare && this.place.afterWork) delivery.doubt();
    delivery.withheld(this, isBare && !this.place.afterWork);
  }

  /** Whether a value cannot be the result of work: what it was given, with others in an array or as a text or number. */
  private passesOn(value: unknown): boolean {
    // An object that it was given may be what its work gives back.
    if (this.keepsAny([value])) return typeof value !== 'object';
    return Array.isArray(value) && (value.length === 0 || this.keepsAny(value));
  }

  /** Whether an array has something of an earlier call in it. A text or number is that of this call once. */
  private collects(values: readonly unknown[]): boolean {
    const own = isObject(this.incoming) ? -1 : values.indexOf(this.incoming);
    return values.some((value, index) => index !== own && this.keepsAny([value]));
  }

  private keepsAny(values: readonly unknown[]): boolean {
    return values.some((value) => (isObject(value) ? this.keptObjects?.has(value) : this.keptValues?.has(value)));
  }

  /** The live subscriptions whose events come here. */
  private streams(): PipelineListener[] {
    const { live } = this.place.streams;
    const inFrame = [...streamsOf(this.frame)].filter((stream) => live.size === 0 || live.has(stream));
    return inFrame.length > 0 ? inFrame : [...live];
  }

  private keeps(how: KeptFinding['how'], passesOn: boolean): void {
    if (this.isTold) return;
    this.isTold = true;
    const { index, afterWork, built } = this.place;
    const finding = {
      how,
      passesOn,
      isLast: this.following === undefined,
      place: index,
      afterWork,
      bare: this.last?.bare === true,
      builtAt: lineOf(built),
      first: this.first,
    };
    for (const stream of this.streams()) {
      const error = stream.kept(finding);
      // What stands between may have completed, and be deaf to it.
      if (error && !this.closed) this.error(error);
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Text and numbers that were withheld are compared by value: enough of them to see one in an array. */
const MOST_KEPT_VALUES = 1_000;

/** Sees whether an Observable is subscribed to, until its end: others may use it, too, and stages after this one look as well. */
function noteSubscriptions(observable: Observable<unknown>): { isHeard: boolean; readonly end: () => void } {
  // What cannot be looked at is taken for heard.
  if (!Object.isExtensible(observable)) return { isHeard: true, end: () => undefined };
  const before = Object.getOwnPropertyDescriptor(observable, 'subscribe');
  /* eslint-disable @typescript-eslint/no-deprecated -- whatever it is called with is passed on */
  const subscribe = observable.subscribe.bind(observable) as (...observer: unknown[]) => Subscription;
  const note = {
    isHeard: false,
    end: () => {
      delete (observable as Partial<Observable<unknown>>).subscribe;
      if (before) Object.defineProperty(observable, 'subscribe', before);
    },
  };
  const noting = (...observer: unknown[]) => {
    note.isHeard = true;
    return subscribe(...observer);
  };
  /* eslint-enable @typescript-eslint/no-deprecated */
  Object.defineProperty(observable, 'subscribe', { value: noting, configurable: true, writable: true });
  return note;
}

/** The line of the user's code in a stack: the first that is neither RxJS's nor of this package's folder. */
function lineOf(built: Error | undefined): string | undefined {
  const places = (built?.stack ?? '').split('\n').flatMap((line) => PLACE.exec(line)?.[1] ?? []);
  const own = places[0]?.replace(/[^\\/]*$/, '');
  return places.find((place) => !/[\\/]node_modules[\\/]/.test(place) && !(own !== undefined && place.startsWith(own)));
}

/** A file, a line and a column, at the end of a line of a stack. */
const PLACE = /((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?\s*$/;
