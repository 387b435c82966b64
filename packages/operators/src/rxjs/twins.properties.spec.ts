import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import * as rx from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { delivered, type DeliveredSource } from '@rxforce/core/testing';
import {
  anyPlan,
  completingPlan,
  TwinEnvironment,
  TWINS,
  type Letter,
  type Operators,
  type TwinCase,
  type TwinPlan,
} from '../../test/support/twin-plans.js';
import { handle } from '../handle.js';
import * as twins from './index.js';

const RUNS = 1_000;
/** When what goes on for ever is ended. */
const LATE = 100;

/** Everything that can be seen of an operator. */
interface Seen {
  readonly notifications: unknown[];
  readonly subscriptions: unknown[];
}

/** Runs an operator, as far as can be seen from outside. */
function watch(operators: Operators, make: TwinCase, plan: TwinPlan, scheduler: TestScheduler): Seen {
  const cold = scheduler.createColdObservable.bind(scheduler);
  const environment = new TwinEnvironment<Letter>(plan, scheduler, cold, String, (state, value) => [...state, value]);
  const source = cold(plan.source);
  const notifications: unknown[] = [];
  const note = (what: unknown) => notifications.push([scheduler.now(), what]);
  const early = Array.from({ length: plan.sync }, (_, index) => `early ${index}`);
  const subscription = rx
    .defer(() => source.pipe(rx.startWith(...early), make(operators, environment), rx.take(plan.take ?? Infinity)))
    .subscribe({
      next: (value) => note(['next', value]),
      error: (error: unknown) => note(['error', String(error)]),
      complete: () => note('complete'),
    });
  scheduler.schedule(() => subscription.unsubscribe(), plan.unsubscribeAt ?? LATE);
  return { notifications, subscriptions: [source.subscriptions, ...environment.subscriptions] };
}

describe('The twins of RxJS operators, at random', function () {
  this.timeout(180_000);

  it('are all tried', () => {
    expect(Object.keys(TWINS).sort()).to.deep.equal(Object.keys(twins).sort());
  });

  for (const [name, make] of Object.entries(TWINS)) {
    it(`emit what RxJS's emits, when it does, and subscribe when it does (${name})`, () => {
      fc.assert(
        fc.property(anyPlan, (plan) => {
          const scheduler = new TestScheduler(() => undefined);
          scheduler.run(() => {
            const plain = watch(rx, make, plan, scheduler);
            const twin = watch(twins, make, plan, scheduler);
            scheduler.flush();
            if (!isDeepStrictEqual(twin, plain)) expect(twin).to.deep.equal(plain);
          });
        }),
        { numRuns: RUNS },
      );
    });
  }
});

/** An event, as far as a delivery is concerned. */
interface TestEvent {
  readonly replayId: number;
  readonly letter: string;
}

const eventsIn = (value: unknown): TestEvent[] => {
  if (Array.isArray(value)) return value.flatMap(eventsIn);
  return value instanceof Object && 'replayId' in value ? [value as TestEvent] : [];
};

/** What became of events behind a twin that is followed by work of 2. */
interface Fate {
  readonly source: DeliveredSource<TestEvent>;
  readonly errors: readonly unknown[];
  /** What was wrong. */
  readonly faults: readonly string[];
}

function settle(make: TwinCase, plan: TwinPlan, window: number): Fate {
  const scheduler = new TestScheduler(() => undefined);
  const faults: string[] = [];
  const errors: unknown[] = [];
  let source!: DeliveredSource<TestEvent>;
  scheduler.run(({ cold, flush }) => {
    let received = 0;
    const events = cold(plan.source).pipe(rx.map((letter): TestEvent => ({ replayId: received++, letter })));
    source = delivered(events, scheduler, { window });
    const letterOf = (value: Letter) => (value as TestEvent).letter;
    const environment = new TwinEnvironment<Letter>(plan, scheduler, cold, letterOf, (_state, value) => [value]);
    const unsettled = () => new Set(source.unsettled().map(({ replayId }) => replayId));
    const check = (when: string, value: unknown) => {
      const open = unsettled();
      const settled = eventsIn(value).filter(({ replayId }) => !open.has(replayId));
      settled.forEach(({ replayId }) => faults.push(`${replayId} was settled ${when} at ${scheduler.now()}`));
    };
    const subscription = (source.values as rx.Observable<Letter>)
      .pipe(
        make(twins, environment),
        handle(
          (value) => {
            check('before the work on it began', value);
            return rx.timer(2).pipe(rx.tap(() => check('before the work on it was done', value)));
          },
          { concurrency: plan.size },
        ),
      )
      .subscribe({ error: (error: unknown) => errors.push(error) });
    scheduler.schedule(() => {
      subscription.unsubscribe();
      const left = unsettled();
      scheduler.schedule(() => {
        const now = unsettled();
        left.forEach((id) => now.has(id) || faults.push(`${id} was settled after the end`));
      }, 99);
    }, plan.unsubscribeAt ?? LATE);
    flush();
  });
  return { source, errors, faults };
}

/** Those that emit an event again after the work on it was done, by what they are for. */
const REPEATING = ['combineLatestWith'];
/** Those that complete while an event is delivered, as `take` does: that one comes again. */
const CLOSING = ['zipWith'];
/** Those that under pressure let go of an event which comes once more. */
const LETTING_GO = ['pairwise'];

describe('Events behind the twins of RxJS operators, at random', function () {
  this.timeout(180_000);
  const windows = fc.constantFrom(1, 2, 3, 5, Infinity, Infinity);

  for (const [name, make] of Object.entries(TWINS)) {
    const windowsOf = LETTING_GO.includes(name) ? fc.constant(Infinity) : windows;

    it(`are settled when all work on what came of them is done, and then all of them (${name})`, () => {
      fc.assert(
        fc.property(completingPlan, windowsOf, (plan, window) => {
          const { source, errors, faults } = settle(make, plan, window);
          if (!REPEATING.includes(name)) {
            expect(faults).to.deep.equal([]);
            expect(source.settledEarly).to.deep.equal([]);
          }
          // RxJS's last() errors where nothing came.
          if (errors.some((error) => !(error instanceof rx.EmptyError))) expect(errors).to.deep.equal([]);
          if (errors.length === 0 && !CLOSING.includes(name)) expect(source.unsettled()).to.deep.equal([]);
        }),
        { numRuns: RUNS / 10 },
      );
    });

    it(`stay unsettled until the work on them is done, whatever ends before (${name})`, () => {
      fc.assert(
        fc.property(anyPlan, windowsOf, (plan, window) => {
          const { source, faults } = settle(make, plan, window);
          if (REPEATING.includes(name)) return;
          expect(faults).to.deep.equal([]);
          expect(source.settledEarly).to.deep.equal([]);
        }),
        { numRuns: RUNS / 10 },
      );
    });
  }
});
