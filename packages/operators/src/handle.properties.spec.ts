import { expect } from 'chai';
import fc from 'fast-check';
import { map, merge, Subscription, timer, type SchedulerLike } from 'rxjs';
import { WorkTimeoutError } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { handle } from './handle.js';

describe('handle', () => {
  it('settles each event once its work is done, and none after an error, whatever comes, takes or fails when', () => {
    fc.assert(
      fc.property(fc.array(ITEM, { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), (items, concurrency) => {
        runMarbles(({ scheduler, flush }) => checkRun(items, concurrency, scheduler, flush));
      }),
      { numRuns: 400 },
    );
  });
});

interface Item {
  readonly keys: readonly string[];
  readonly at: number;
  readonly ms: number;
  /** How its work ends; `hangs` until its time is up. */
  readonly end: 'completes' | 'errors' | 'hangs' | 'is unsubscribed';
}

const ENDS: fc.Arbitrary<Item['end']> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('completes' as const) },
  { weight: 1, arbitrary: fc.constantFrom('errors' as const, 'hangs' as const, 'is unsubscribed' as const) },
);
const ITEM = fc.record<Item>({
  keys: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { maxLength: 3 }),
  at: fc.integer({ min: 0, max: 30 }),
  ms: fc.integer({ min: 0, max: 9 }),
  end: ENDS,
});
const TIMEOUT_MS = 10;
const FAILURE = new Error('The work failed.');

function checkRun(items: readonly Item[], concurrency: number, scheduler: SchedulerLike, flush: () => void): void {
  const sorted = items.map((each, index) => ({ ...each, index })).sort((one, other) => one.at - other.at);
  type Numbered = (typeof sorted)[number];
  const source = delivered(merge(...sorted.map((each) => timer(each.at, scheduler).pipe(map(() => each)))), scheduler);
  const active: Numbered[] = [];
  const finished: Numbered[] = [];
  const project = (each: Numbered) => {
    expect(active.some(({ keys }) => keys.some((key) => each.keys.includes(key)))).to.equal(false);
    expect(active.push(each)).to.be.at.most(concurrency);
    return timer(each.end === 'hangs' ? 99 : each.ms, scheduler).pipe(
      map(() => {
        if (each.end === 'errors') throw FAILURE;
        if (each.end === 'is unsubscribed') subscription.unsubscribe();
        else finished.push(each);
        active.splice(active.indexOf(each), 1);
      }),
    );
  };
  let error: unknown;
  const subscription = new Subscription();
  subscription.add(
    source.values
      .pipe(handle(project, { concurrency, keyBy: ({ keys }) => keys, timeoutMs: TIMEOUT_MS }))
      .subscribe({ error: (each: unknown) => (error = each) }),
  );
  flush();
  if (error !== undefined && error !== FAILURE && !(error instanceof WorkTimeoutError)) throw error as Error;
  expect(source.settled.map(({ value }) => value)).to.deep.equal(finished);
  if (error === undefined && !subscription.closed) expect(finished).to.have.length(items.length);
  for (const key of concurrency === 1 ? [] : ['p', 'q', 'r']) {
    const ofKey = (list: readonly Numbered[]) =>
      list.filter(({ keys }) => keys.includes(key)).map(({ index }) => index);
    expect(ofKey(finished)).to.deep.equal(ofKey(sorted).slice(0, ofKey(finished).length));
  }
}
