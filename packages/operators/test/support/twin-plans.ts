import fc from 'fast-check';
import * as rx from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type * as twins from '../../src/rxjs/index.js';

/** The operators of RxJS that have twins, by the types of these: RxJS's own, or the twins. */
export type Operators = typeof twins;

/** One random life of an operator. What an operator has no use for is left. */
export interface TwinPlan {
  readonly source: string;
  /** How many values come inside `subscribe()`, before the marbles. */
  readonly sync: number;
  /** For inner Observables and notifiers, one after the other. */
  readonly inners: readonly string[];
  /** Which inner Observable is not made: the function that is to make it throws. */
  readonly throwsAt: number | undefined;
  readonly size: number;
  readonly every: number;
  readonly ms: number;
  readonly leading: boolean;
  readonly trailing: boolean;
  readonly flag: boolean;
  readonly take: number | undefined;
  readonly unsubscribeAt: number | undefined;
}

const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 1 });

/** @param ends - How marbles may end. */
function marbles(ends: readonly string[]): fc.Arbitrary<string> {
  const steps = fc.array(fc.constantFrom('-', '--', '-', 'a', 'b', 'c', 'd', '(ab)', '(cda)'), { maxLength: 9 });
  return fc.tuple(steps, fc.constantFrom(...ends)).map(([all, end]) => `-${all.join('')}${end}`);
}

const sizes = {
  size: fc.integer({ min: 1, max: 4 }),
  every: fc.integer({ min: 1, max: 4 }),
  ms: fc.integer({ min: 0, max: 6 }),
};
const flags = {
  leading: fc.boolean(),
  trailing: fc.boolean(),
  flag: fc.boolean(),
  sync: fc.constantFrom(0, 0, 0, 1, 2),
};

/** Lives of all kinds. */
export const anyPlan: fc.Arbitrary<TwinPlan> = fc.record({
  ...sizes,
  ...flags,
  source: marbles(['', '|', '|', '|', '#', '(a|)', '(b#)']),
  inners: fc.array(marbles(['', '|', '|', '|', '#', '(a|)']), { minLength: 1, maxLength: 4 }),
  throwsAt: rarely(fc.nat({ max: 3 })),
  take: rarely(fc.integer({ min: 1, max: 4 })),
  unsubscribeAt: rarely(fc.nat({ max: 25 })),
});

/** Lives in which all that begins completes. */
export const completingPlan: fc.Arbitrary<TwinPlan> = fc.record({
  ...sizes,
  ...flags,
  source: marbles(['|', '(a|)']),
  inners: fc.array(marbles(['|', '(a|)']), { minLength: 1, maxLength: 4 }),
  throwsAt: fc.constant(undefined),
  take: fc.constant(undefined),
  // Long after that.
  unsubscribeAt: fc.constant(9_999),
});

/** What an operator under test is given. */
export class TwinEnvironment<T> {
  /** When each inner Observable was subscribed to. */
  readonly subscriptions: unknown[] = [];
  private made = 0;

  /**
   * @param letterOf - The letter of a value.
   * @param stateOf - What an accumulation makes of a state and a value.
   */
  constructor(
    readonly plan: TwinPlan,
    /** For what repeats: in a marble test, the default one cannot end several timers of the same frame. */
    readonly scheduler: rx.SchedulerLike,
    private readonly cold: RunHelpers['cold'],
    readonly letterOf: (value: T) => string,
    readonly stateOf: (state: readonly T[], value: T) => readonly T[],
  ) {}

  /** An inner Observable or a notifier. */
  readonly inner = (): rx.Observable<string> => {
    const { inners, throwsAt } = this.plan;
    if (this.made === throwsAt) throw new Error('no inner Observable');
    const inner = this.cold(inners[this.made++ % inners.length]!);
    this.subscriptions.push(inner.subscriptions);
    return inner;
  };

  /** The same, which emits a value as often. */
  readonly work = (value: T): rx.Observable<T> => this.inner().pipe(rx.map(() => value));
}

/** Every twin, at work. */
export const TWINS: Readonly<Record<string, TwinCase>> = {
  mergeMap: (o, e) => o.mergeMap(e.work, e.plan.flag ? e.plan.size : undefined),
  concatMap: (o, e) => o.concatMap(e.work),
  switchMap: (o, e) => o.switchMap(e.work),
  exhaustMap: (o, e) => o.exhaustMap(e.work),
  mergeAll: (o, e) => rx.pipe(rx.map(e.work), o.mergeAll(e.plan.flag ? e.plan.size : undefined)),
  concatAll: (o, e) => rx.pipe(rx.map(e.work), o.concatAll()),
  switchAll: (o, e) => rx.pipe(rx.map(e.work), o.switchAll()),
  exhaustAll: (o, e) => rx.pipe(rx.map(e.work), o.exhaustAll()),
  expand: (o, e) =>
    o.expand((value, index) => (index < 9 ? e.work(value) : rx.EMPTY), e.plan.flag ? e.plan.size : undefined),
  mergeScan: (o, e) =>
    o.mergeScan(
      (state: readonly Letter[], value: Letter) => e.work(value).pipe(rx.map(() => e.stateOf(state, value))),
      [],
      e.plan.flag ? e.plan.size : undefined,
    ),
  switchScan: (o, e) =>
    o.switchScan(
      (state: readonly Letter[], value: Letter) => e.work(value).pipe(rx.map(() => e.stateOf(state, value))),
      [],
    ),
  bufferCount: (o, e) => o.bufferCount(e.plan.size, e.plan.flag ? e.plan.every : undefined),
  bufferTime: (o, { plan: { flag, leading, ms, every, size }, scheduler }) =>
    o.bufferTime(ms + 1, flag ? every : null, leading ? size : Infinity, scheduler),
  buffer: (o, e) => o.buffer(e.inner()),
  bufferToggle: (o, e) => o.bufferToggle(e.inner(), e.inner),
  bufferWhen: (o, e) => o.bufferWhen(restarting(e)),
  toArray: (o) => o.toArray(),
  delay: (o, e) => o.delay(e.plan.ms),
  delayWhen: (o, e) => o.delayWhen(e.inner),
  observeOn: (o, e) => o.observeOn(rx.asyncScheduler, e.plan.ms),
  debounceTime: (o, e) => o.debounceTime(e.plan.ms),
  debounce: (o, e) => o.debounce(e.inner),
  auditTime: (o, e) => o.auditTime(e.plan.ms),
  audit: (o, e) => o.audit(e.inner),
  sampleTime: (o, e) => rx.pipe(o.sampleTime(e.plan.ms + 1)),
  sample: (o, e) => o.sample(e.inner()),
  throttleTime: (o, { plan: { ms, leading, trailing } }) =>
    o.throttleTime(ms, rx.asyncScheduler, { leading, trailing }),
  throttle: (o, e) =>
    o.throttle(e.inner, e.plan.flag ? undefined : { leading: e.plan.leading, trailing: e.plan.trailing }),
  scan: (o, e) => o.scan((state: readonly Letter[], value: Letter) => e.stateOf(state, value), []),
  reduce: (o) => o.reduce((state: readonly Letter[], value: Letter) => [...state, value], [] as readonly Letter[]),
  count: (o, e) => o.count((value) => e.letterOf(value) !== 'b'),
  min: (o, e) => o.min((a, b) => e.letterOf(a).localeCompare(e.letterOf(b))),
  max: (o, e) => o.max((a, b) => e.letterOf(a).localeCompare(e.letterOf(b))),
  takeLast: (o, e) => o.takeLast(e.plan.size - 1),
  last: (o, e) => (e.plan.flag ? o.last() : o.last((value) => e.letterOf(value) !== 'b', 'none')),
  pairwise: (o) => o.pairwise(),
  zipWith: (o, e) => o.zipWith(e.inner(), e.inner()),
  combineLatestWith: (o, e) => o.combineLatestWith(e.inner(), e.inner()),
  groupBy: (o, e) =>
    rx.pipe(
      o.groupBy((value: Letter) => e.letterOf(value), {
        element: (value) => value,
        ...(e.plan.flag && { duration: e.inner }),
      }),
      parts,
    ),
  window: (o, e) => rx.pipe(o.window<Letter>(e.inner()), parts),
  windowCount: (o, e) => rx.pipe(o.windowCount<Letter>(e.plan.size, e.plan.flag ? e.plan.every : undefined), parts),
  windowTime: (o, { plan: { flag, leading, ms, every, size }, scheduler }) =>
    rx.pipe(o.windowTime<Letter>(ms + 1, flag ? every : null, leading ? size : Infinity, scheduler), parts),
  windowToggle: (o, e) => rx.pipe(o.windowToggle<Letter, string>(e.inner(), e.inner), parts),
  windowWhen: (o, e) => rx.pipe(o.windowWhen<Letter>(restarting(e)), parts),
};

/** A value with a letter: a letter itself, or an event. */
export type Letter = string | { readonly letter: string };

/** Makes an operator. */
export type TwinCase = (
  operators: Operators,
  environment: TwinEnvironment<Letter>,
) => rx.OperatorFunction<Letter, unknown>;

/** One that completes would be followed by the next at once, for ever. */
function restarting(environment: TwinEnvironment<Letter>): () => rx.Observable<unknown> {
  return () => environment.inner().pipe(rx.mergeWith(rx.NEVER));
}

const parts = rx.mergeMap((part: rx.Observable<Letter>, index) =>
  part.pipe(
    rx.map((value): readonly unknown[] => [index, value]),
    rx.endWith([index, 'ends']),
  ),
);
