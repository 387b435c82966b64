import { Observable, Subscriber, type Subscription } from 'rxjs';
import type { Delivery } from './delivery.js';
import { scope } from './scope.js';
import { partOf, type PartView } from './part.js';
import {
  streamsOf,
  type Frame,
  type KeptFinding,
  type LastSubscriber,
  type PipelineListener,
  type PipelinePlace,
} from './subscribing.js';

/**
 * The output of one plain operator, or of the stream itself, in a live pipeline. It observes what operators do not
 * report: whether the operator emitted anything during the call that brought a value, and whether it ever emits without
 * a delivery in scope. An operator that withheld a value and emits late, or emits withheld values in an array, keeps
 * events. An operator that withholds values and never does that is a filter. An operator that emits late and never
 * withheld a value injects values of its own.
 */
export class Stage<T> extends Subscriber<T> {
  /** How many values came out. */
  out = 0;
  private emittingLate = false;
  private withheld = 0;
  /** Whether the operator emitted nothing for a value that came late. */
  private withheldLate = false;
  private first: Delivery | undefined;
  /** The last value that the operator received. */
  private incoming: unknown;
  /** The values that were withheld, each with the number of the first event that brought it. */
  private keptObjects: WeakMap<object, number> | undefined;
  private keptValues: Map<unknown, number> | undefined;
  /** The event that came last, and how many have come. */
  private current: Delivery | undefined;
  private currentNumber = 0;
  private isTold = false;
  /** The stage at the operator's input. */
  input: Stage<unknown> | undefined;

  /**
   * @param target - The receiver of the values.
   * @param next - The output of the next operator, where that is a plain one.
   * @param frame - The subscription that the stage is part of.
   * @param last - The subscriber at the end, where that is known.
   * @param leaves - Whether what comes out without a next plain operator has left the known part of the pipeline. The
   * values of a group that others join are seen again after that.
   */
  constructor(
    private readonly target: Subscriber<T>,
    readonly place: PipelinePlace,
    readonly following: Stage<never> | undefined,
    readonly frame: Frame,
    readonly last: LastSubscriber | undefined,
    private readonly leaves: boolean,
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

  /** The operator has ended by itself: its work is done, and its values are emitted. */
  protected override _complete(): void {
    if (this.withheld > 0) this.streams().forEach((stream) => stream.finished(this));
    super._complete();
  }

  private passInScope(value: T, delivery: Delivery): void {
    const { following: next, target } = this;
    if (this.withheld > 0 && Array.isArray(value)) this.passArray(value, delivery);
    const before = next?.out;
    if (next) next.incoming = value;
    if (this.place.index > 0 && value instanceof Observable) this.passGroup(value, delivery);
    else target.next(value);
    if (next === undefined || next.closed) this.leave(delivery);
    else if (next.out === before) next.withhold(value, delivery);
  }

  private leave(delivery: Delivery): void {
    if (this.leaves) delivery.left();
  }

  /** Has what follows an emitted group or window observed. */
  protected observe?(emitted: Observable<unknown>): void;

  /**
   * A group or window is only useful to a receiver that subscribes at once, or holds it. Values that come before that
   * are dropped.
   */
  private passGroup(value: T & Observable<unknown>, delivery: Delivery): void {
    this.observe?.(value);
    const note = noteSubscriptions(value);
    const { claims } = delivery;
    try {
      this.target.next(value);
    } finally {
      note.end();
      const view = partOf(value);
      if (view) view.emittedWith = delivery;
    }
    if (note.isHeard || delivery.claims > claims) return;
    this.first ??= delivery;
    this.keeps('unheard', false);
  }

  private passLate(value: T): void {
    // After the work, values that another operator had collected may be worked on.
    const withheld = this.withheld > 0 || (this.withheldLate && this.place.afterWork);
    if (withheld && this.input?.emittingLate !== true) this.keeps('late', this.passesOn(value));
    const { following: next } = this;
    const before = next?.out;
    this.emittingLate = true;
    if (this.place.index > 0 && value instanceof Observable) this.observe?.(value);
    try {
      this.target.next(value);
    } finally {
      this.emittingLate = false;
    }
    if (next !== undefined && next.out === before) next.withheldLate = true;
  }

  /** For the stage before: the operator emitted nothing for this value, so far. */
  private withhold(value: unknown, delivery: Delivery): void {
    this.withheld++;
    this.first ??= delivery;
    this.withholdAs(value, this.numberOf(delivery));
    if (this.last?.bare === true && this.place.afterWork) delivery.doubt();
    delivery.withheld(this);
  }

  private withholdAs(value: unknown, number: number): void {
    if (this.keptFor(value) !== undefined) return;
    if (isObject(value)) {
      (this.keptObjects ??= new WeakMap<object, number>()).set(value, number);
    } else if ((this.keptValues?.size ?? 0) < MOST_KEPT_VALUES) {
      (this.keptValues ??= new Map<unknown, number>()).set(value, number);
    }
  }

  /** Events are told apart by their numbers, as a stage may outlive millions of them. */
  private numberOf(delivery: Delivery): number {
    if (delivery !== this.current) this.currentNumber++;
    this.current = delivery;
    return this.currentNumber;
  }

  /**
   * Whether a value cannot be the result of work: it is a received value, with others in an array, or as a text or
   * number.
   */
  private passesOn(value: unknown): boolean {
    // A received object may be the result that its work returns.
    if (this.keepsAny([value])) return typeof value !== 'object';
    return Array.isArray(value) && (value.length === 0 || this.keepsAny(value));
  }

  private passArray(values: readonly unknown[], delivery: Delivery): void {
    if (this.collects(values, delivery)) this.keeps('collected', true);
    // They are out, and may come again with other events.
    for (const value of values) {
      if (isObject(value)) this.keptObjects?.delete(value);
      else this.keptValues?.delete(value);
    }
  }

  /** Whether an array contains a value of an earlier call. A text or number may be this call's value once. */
  private collects(values: readonly unknown[], delivery: Delivery): boolean {
    const current = this.numberOf(delivery);
    const own = isObject(this.incoming) ? -1 : values.indexOf(this.incoming);
    return values.some((value, index) => index !== own && (this.keptFor(value) ?? current) !== current);
  }

  private keepsAny(values: readonly unknown[]): boolean {
    return values.some((value) => this.keptFor(value) !== undefined);
  }

  /** The number of the event that first brought a value that was withheld. */
  private keptFor(value: unknown): number | undefined {
    return isObject(value) ? this.keptObjects?.get(value) : this.keptValues?.get(value);
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
    const { index, afterWork, built, outer } = this.place;
    const finding: KeptFinding = {
      how,
      passesOn,
      isLast: this.following === undefined,
      place: index,
      afterWork,
      inPart: outer !== undefined,
      bare: this.last?.bare === true,
      builtAt: lineOf(built),
      first: this.first,
    };
    for (const stream of this.streams()) {
      const error = stream.kept(finding);
      // An operator in between may have completed, and ignore the error.
      if (error && !this.closed) this.error(error);
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Text and numbers that were withheld are compared by value: enough of them to see one in an array. */
const MOST_KEPT_VALUES = 1_000;

/** Observes whether an Observable is subscribed to, until `end`. Others may use it, too, and later stages also look. */
function noteSubscriptions(observable: Observable<unknown>): { readonly isHeard: boolean; readonly end: () => void } {
  const part = partOf(observable);
  if (part) return heardFromNow(part);
  // An Observable that cannot be observed counts as subscribed to.
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

/** The same for a group or window, whose view counts its subscriptions. */
function heardFromNow(part: PartView): { readonly isHeard: boolean; readonly end: () => void } {
  const { heard } = part;
  return {
    get isHeard() {
      return part.heard > heard;
    },
    end: () => undefined,
  };
}

/** The line of the user's code in a stack: the first one outside RxJS and this package's folder. */
function lineOf(built: Error | undefined): string | undefined {
  const places = (built?.stack ?? '').split('\n').flatMap((line) => PLACE.exec(line)?.[1] ?? []);
  const own = places[0]?.replace(/[^\\/]*$/, '');
  return places.find((place) => !/[\\/]node_modules[\\/]/.test(place) && !(own !== undefined && place.startsWith(own)));
}

/** A file, a line and a column, at the end of a line of a stack. */
const PLACE = /(?<=[( ])((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?\s*$/;
