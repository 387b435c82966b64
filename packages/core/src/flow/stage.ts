import { Observable, Subscriber } from 'rxjs';
import type { Delivery } from './delivery.js';
import { scope } from './scope.js';
import { streamsOf, type Frame, type KeptFinding, type LiveStreams } from './subscribing.js';

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
  private first: Delivery | undefined;
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
    readonly frame: Frame | undefined,
    readonly last: LastSubscriber | undefined,
  ) {
    // Operators outside RxJS have no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(target);
    if (following) following.input = this as Stage<unknown>;
  }

  protected override _next(value: T): void {
    this.out++;
    const delivery = scope.current();
    if (delivery === undefined) this.passLate(value);
    else this.passInScope(value, delivery);
  }

  private passInScope(value: T, delivery: Delivery): void {
    const { following: next, target } = this;
    if (this.withheld > 0 && Array.isArray(value) && this.keepsAny(value)) this.keeps('collected', true);
    if (this.place.index > 0 && value instanceof Observable) {
      this.passGroup(value, delivery);
      return;
    }
    if (next === undefined || next.closed) {
      target.next(value);
      delivery.left();
      return;
    }
    const before = next.out;
    target.next(value);
    if (next.out === before) next.withhold(value, delivery);
  }

  /** A group or window is only worth something to who subscribes at once: what comes before that is dropped. */
  private passGroup(value: T & Observable<unknown>, delivery: Delivery): void {
    const heard = noteSubscriptions(value);
    this.target.next(value);
    if (heard()) return;
    this.first ??= delivery;
    this.keeps('unheard', false);
  }

  private passLate(value: T): void {
    if (this.withheld > 0 && this.input?.emittingLate !== true) {
      this.keeps('late', Array.isArray(value) ? this.keepsAny(value) || value.length === 0 : this.keepsAny([value]));
    }
    this.emittingLate = true;
    try {
      this.target.next(value);
    } finally {
      this.emittingLate = false;
    }
  }

  /** For the stage before: the operator gave nothing on for this value, so far. */
  private withhold(value: unknown, delivery: Delivery): void {
    this.withheld++;
    this.first ??= delivery;
    if (typeof value === 'object' && value !== null) (this.keptObjects ??= new WeakSet()).add(value);
    else if (this.keptValues === undefined) this.keptValues = new Set([value]);
    else if (this.keptValues.size < MOST_KEPT_VALUES) this.keptValues.add(value);
    if (this.place.afterWork && this.last?.bare === true) delivery.doubt();
  }

  private keepsAny(values: readonly unknown[]): boolean {
    return values.some((value) =>
      typeof value === 'object' && value !== null ? this.keptObjects?.has(value) : this.keptValues?.has(value),
    );
  }

  private keeps(how: KeptFinding['how'], passesOn: boolean): void {
    if (this.isTold) return;
    this.isTold = true;
    const { index, afterWork, streams, built } = this.place;
    const { live } = streams;
    const inFrame = [...streamsOf(this.frame)].filter((stream) => live.size === 0 || live.has(stream));
    const finding = {
      how,
      passesOn,
      place: index,
      afterWork,
      bare: this.last?.bare === true,
      builtAt: lineOf(built),
      first: this.first,
    };
    for (const stream of inFrame.length > 0 ? inFrame : live) {
      const error = stream.kept(finding);
      // What stands between may have completed, and be deaf to it.
      if (error && !this.closed) this.error(error);
    }
  }
}

/** Text and numbers that were withheld are compared by value: enough of them to see one in an array. */
const MOST_KEPT_VALUES = 1_000;

/** Tells whether an Observable was subscribed to since. */
function noteSubscriptions(observable: Observable<unknown>): () => boolean {
  let heard = false;
  const { subscribe } = observable;
  observable.subscribe = ((...observer: []) => {
    heard = true;
    return subscribe.apply(observable, observer);
  }) as never;
  return () => heard;
}

/** The line of the user's code in a stack: the first that is neither RxJS's nor this package's. */
function lineOf(built: Error | undefined): string | undefined {
  const lines = built?.stack?.split('\n').slice(1) ?? [];
  const own = lines[0]?.match(OWN_FOLDER)?.[1];
  const line = lines.find((each) => !/[\\/]node_modules[\\/]/.test(each) && !(own !== undefined && each.includes(own)));
  return line?.match(/\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?\s*$/)?.[1];
}

/** The folder of the file at the top of the stack, which is the one that captured it. */
const OWN_FOLDER = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*[\\/])[^\\/()]*:\d+:\d+\)?\s*$/;
