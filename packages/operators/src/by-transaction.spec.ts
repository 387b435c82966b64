import { expect } from 'chai';
import fc from 'fast-check';
import {
  concatMap,
  delay,
  from,
  map,
  merge,
  NEVER,
  of,
  pipe,
  range,
  startWith,
  Subject,
  switchMap,
  take,
  tap,
  timer,
  VirtualTimeScheduler,
  type SchedulerLike,
} from 'rxjs';
import { ConfigurationError, DeliveryFailedError, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { byTransaction, type ByTransactionOptions, type ChangeTransaction } from './by-transaction.js';
import { handle } from './handle.js';

/** Marble letters: `a` to `e` are of transaction 1, `p` to `r` of transaction 2, `x` of transaction 3. */
const eventOf = (id: string, number: number) =>
  changeEvent({
    id,
    transactionKey: `key-${number}`,
    commitNumber: 2n ** 60n + BigInt(number),
    commitTimestamp: number * 1000,
  });
const events: Record<string, ChangeEvent> = Object.fromEntries(
  Object.entries({ a: 1, b: 1, c: 1, d: 1, e: 1, p: 2, q: 2, r: 2, x: 3 }).map(([id, number]) => [
    id,
    eventOf(id, number),
  ]),
);

const lettersOf = (list: readonly ChangeEvent[]) => list.map(({ id }) => id).join('');
/** Such as `ab1!`: events a and b, as part 1, which is the last. */
const shown = ({ events: list, part, complete }: ChangeTransaction) =>
  `${lettersOf(list)}${part}${complete ? '!' : ''}`;
const byTransactionShown = (options?: ByTransactionOptions) => pipe(byTransaction<ChangeEvent>(options), map(shown));

describe('byTransaction', () => {
  const whole = (ids: string[], number: number, rest: Partial<ChangeTransaction>): ChangeTransaction => ({
    transactionKey: `key-${number}`,
    commitNumber: 2n ** 60n + BigInt(number),
    commitTimestamp: number * 1000,
    events: ids.map((id) => events[id]!),
    part: 1,
    complete: true,
    ...rest,
  });

  it('does what its diagram shows', () =>
    runDiagram('by-transaction.ts', byTransaction({ maxWaitMs: 5 }), {
      source: { a: events.a!, b: events.b!, c: events.p!, d: events.q! },
      result: { x: whole(['a', 'b'], 1, {}), y: whole(['p', 'q'], 2, { complete: false }) },
    }));

  const results = {
    A: 'a1',
    B: 'ab1!',
    C: 'ab1',
    D: 'c2',
    P: 'p1',
    Q: 'p1!',
    X: 'x1',
    E: 'd1',
    F: 'c2!',
  };
  const cases: [string, string, string, string][] = [
    ['never', '-----', '-----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one event', '-a-------|', '------A--|', '^--------!'],
    ['one transaction', '-a-b-----|', '------C--|', '^--------!'],
    ['many', '-a-b-p-x-----|', '-----B-Q----X|', '^------------!'],
    ['many at once', '-(abpx)----|', '-(BQ)-X----|', '^----------!'],
    ['some left at the completion', '-a-b-|', '-----(C|)', '^----!'],
    ['an error', '-a-b-p-#', '-----B-#', '^------!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`emits a transaction when another begins, and what has waited, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source, events);
        expectObservable(input.pipe(byTransactionShown({ maxWaitMs: 5 }))).toBe(result, results);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('emits the next part with what follows, when a transaction takes longer than its first event may wait', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-a-b------c----|', events).pipe(byTransactionShown({ maxWaitMs: 5 }));
      expectObservable(result).toBe('------C--------(D|)', results);
    });
  });

  it('marks a later part complete, when another transaction begins while some of it is kept', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-a-b------c-p---|', events).pipe(byTransactionShown({ maxWaitMs: 5 }));
      expectObservable(result).toBe('------C-----F---(P|)', results);
    });
  });

  it('emits nothing for a transaction of which nothing is kept, when another begins', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-a-b----p-x-|', events).pipe(byTransactionShown({ maxWaitMs: 5 }));
      expectObservable(result).toBe('------C---Q-(X|)', results);
    });
  });

  it('begins anew, when a transaction comes again after another', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-a-p-d|', events).pipe(byTransactionShown());
      expectObservable(result).toBe('---A-Q(E|)', { ...results, A: 'a1!' });
    });
  });

  it('emits a part as soon as it has maxEvents', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-a-b-c-p-(qr)-|', events).pipe(byTransactionShown({ maxEvents: 2 }));
      expectObservable(result).toBe('---C---F-P----(R|)', { ...results, P: 'pq1', R: 'r2' });
    });
  });

  it('emits each event at once, when a part has no more than one', () => {
    runMarbles(({ cold, expectObservable }) => {
      const result = cold('-(abp)-|', events).pipe(byTransactionShown({ maxEvents: 1 }));
      expectObservable(result).toBe('-(ABP)-|', { ...results, B: 'b2' });
    });
  });

  it('lets a part wait for a second, and for 1,000 events, when not told otherwise', () => {
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a', events).pipe(byTransactionShown())).toBe('- 1s A', results);
    });
    const sizes: number[] = [];
    range(0, 2_500)
      .pipe(
        map(() => events.a!),
        byTransaction(),
      )
      .subscribe((part) => sizes.push(part.events.length));
    expect(sizes).to.deep.equal([1_000, 1_000, 500]);
  });

  it('takes its time from the scheduler given', () => {
    const clock = new VirtualTimeScheduler();
    const seen: unknown[] = [];
    NEVER.pipe(startWith(events.a!), byTransactionShown({ maxWaitMs: 3, scheduler: clock })).subscribe((part) =>
      seen.push([part, clock.now()]),
    );
    clock.flush();
    expect(seen).to.deep.equal([['a1', 3]]);
  });

  it('unsubscribes from its source, and emits nothing more, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-p-q-', events);
      expectObservable(source.pipe(byTransactionShown({ maxWaitMs: 5 })), '^------!').toBe('-----B--', results);
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const keys: string[] = [];
    range(0, Infinity)
      .pipe(
        map((number) => eventOf('e', number >> 1)),
        byTransaction(),
        take(2),
      )
      .subscribe(({ transactionKey }) => keys.push(transactionKey));
    expect(keys).to.deep.equal(['key-0', 'key-1']);
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const grouped = cold('-a-b-p|', events).pipe(byTransactionShown());
      expectObservable(grouped).toBe('-----B(P|)', results);
      expectObservable(grouped, '--^').toBe('-------B(P|)', results);
    });
  });

  it('loses and reorders nothing, when its subscriber makes the source emit', () => {
    const source = new Subject<ChangeEvent>();
    const seen: string[] = [];
    source
      .pipe(
        byTransactionShown({ maxEvents: 2 }),
        tap((part) => {
          if (part === 'ab1') [events.c!, events.d!, events.e!, events.p!].forEach((event) => source.next(event));
        }),
      )
      .subscribe((part) => seen.push(part));
    [events.a!, events.b!, events.x!].forEach((event) => source.next(event));
    expect(seen).to.deep.equal(['ab1', 'cd2', 'e3!', 'p1!']);
  });

  it('errors, when something comes that is no change event', () => {
    runMarbles(({ cold, scheduler, flush, expectSubscriptions }) => {
      const input = cold('-a-z-|', { ...events, z: {} as ChangeEvent });
      const source = delivered(input, scheduler);
      const errors: unknown[] = [];
      source.values.pipe(byTransaction()).subscribe({ error: (error: unknown) => errors.push(error) });
      flush();
      expect(errors[0]).to.be.instanceOf(TypeError);
      expect(source.settled).to.deep.equal([]);
      expectSubscriptions(input.subscriptions).toBe('^--!');
    });
  });

  for (const options of [
    { maxWaitMs: -1 },
    { maxWaitMs: NaN },
    { maxWaitMs: Infinity },
    { maxEvents: 0 },
    { maxEvents: 1.5 },
    { maxEvents: Infinity },
  ]) {
    it(`refuses ${Object.entries(options).join()}`, () => {
      expect(() => byTransaction(options)).to.throw(ConfigurationError, /^byTransaction\(\) got /);
    });
  }

  describe('deliveries', () => {
    const settledIn = (list: readonly { readonly value: ChangeEvent }[]) => list.map(({ value }) => value.id).join('');

    it('are held until the work on their transaction is done', () => {
      runMarbles(({ hot, scheduler, expectSettled }) => {
        const source = delivered(hot('-a-b-p-', events), scheduler);
        source.values
          .pipe(
            byTransaction({ maxWaitMs: 9 }),
            handle((each) => of(each).pipe(delay(3))),
          )
          .subscribe();
        expectSettled(source).toBe('--------(ab)-----p', events);
      });
    });

    it('are emitted at once, as parts, when they fill the window', () => {
      runMarbles(({ cold, scheduler, flush, expectSettled }) => {
        const source = delivered(cold('-a-b-c-d-e-p-q', events), scheduler, { window: 3 });
        const seen: unknown[] = [];
        source.values.pipe(byTransactionShown({ maxWaitMs: 99 })).subscribe((part) => seen.push(part));
        expectSettled(source).toBe('-----(abc)-(de) 95ms (pq)', events);
        flush();
        expect(seen).to.deep.equal(['abc1', 'de2!', 'pq1']);
      });
    });

    it('are not settled, none of the transaction nor the event that ended it, when that left the subscriber closed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-p-q-x-', events), scheduler);
        source.values.pipe(byTransaction(), take(2)).subscribe();
        flush();
        expect(settledIn(source.settled)).to.equal('a');
        expect(lettersOf(source.unsettled())).to.equal('pqx');
      });
    });

    it('are not settled, when the source errors', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-p-q-#', events), scheduler);
        source.values.pipe(byTransaction()).subscribe({ error: () => undefined });
        flush();
        expect(settledIn(source.settled)).to.equal('a');
        expect(lettersOf(source.unsettled())).to.equal('pq');
      });
    });

    it('are not settled, when unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-b---x', events), scheduler);
        const subscription = source.values.pipe(byTransaction()).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 4);
        flush();
        expect(source.settled).to.deep.equal([]);
        expect(lettersOf(source.unsettled())).to.equal('ab');
      });
    });

    it('fail the subscription, when they are dropped while it goes on', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-b--', events), scheduler);
        const errors: unknown[] = [];
        source.values
          .pipe(switchMap((event) => merge(of(event), timer(9).pipe(map(() => event))).pipe(byTransaction())))
          .subscribe({ error: (error: unknown) => errors.push(error) });
        flush();
        expect(errors[0]).to.be.instanceOf(DeliveryFailedError);
      });
    });
  });

  describe('whatever comes when', () => {
    interface Item {
      readonly at: number;
      readonly event: ChangeEvent;
    }
    const items = fc
      .array(fc.record({ wait: fc.integer({ min: 0, max: 4 }), isNew: fc.boolean() }), { maxLength: 40 })
      .map((list): Item[] => {
        let [at, number] = [0, 0];
        return list.map(({ wait, isNew }, index) => {
          at += wait;
          number += Number(isNew);
          return { at, event: eventOf(String(index), number) };
        });
      });
    const settings = fc.record({
      items,
      maxEvents: fc.integer({ min: 1, max: 6 }),
      maxWaitMs: fc.integer({ min: 0, max: 15 }),
      window: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constant(Infinity)),
    });
    type Settings = typeof settings extends fc.Arbitrary<infer S> ? S : never;
    const arriving = (list: readonly Item[], scheduler: SchedulerLike) =>
      from(list).pipe(concatMap(({ at, event }) => timer(new Date(at), scheduler).pipe(map(() => event))));

    function play(given: Settings, onComing: (kept: number, at: number) => void = () => undefined) {
      const { maxEvents, maxWaitMs, window } = given;
      const seen: { transaction: ChangeTransaction; at: number }[] = [];
      let settled: readonly string[] = [];
      runMarbles(({ scheduler, flush }) => {
        let kept = 0;
        const source = delivered(arriving(given.items, scheduler), scheduler, { window });
        const failures: unknown[] = [];
        source.values
          .pipe(
            tap(() => onComing(kept++, scheduler.now())),
            byTransaction({ maxEvents, maxWaitMs }),
          )
          .subscribe({
            next: (transaction) => {
              kept -= transaction.events.length;
              seen.push({ transaction, at: scheduler.now() });
            },
            error: (error: unknown) => failures.push(error),
          });
        flush();
        if (failures.length > 0) throw failures[0] as Error;
        settled = source.settled.map(({ value }) => value.id);
      });
      return { seen, settled };
    }

    it('parts follow the source, each transaction numbers its own and ends once, and all events are settled once', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const { seen, settled } = play(given);
          const all = given.items.map(({ event }) => event.id);
          expect(seen.flatMap(({ transaction }) => transaction.events.map(({ id }) => id))).to.deep.equal(all);
          expect(settled).to.deep.equal(all);
          seen.forEach(({ transaction }, index) => {
            const { transactionKey, events: list, part } = transaction;
            expect(new Set([transactionKey, ...list.map(({ header }) => header.transactionKey)]).size).to.equal(1);
            expect(list.length).to.be.within(1, given.maxEvents);
            const before = seen[index - 1]?.transaction;
            expect(part).to.equal(before?.transactionKey === transactionKey ? before.part + 1 : 1);
            const after = seen[index + 1]?.transaction;
            if (transaction.complete) expect(after?.transactionKey).to.not.equal(transactionKey);
          });
        }),
        { numRuns: 300 },
      );
    });

    it('nothing waits longer than said, and no part is emitted without a reason', () => {
      fc.assert(
        fc.property(settings, (given) => {
          const arrivals = new Map(given.items.map(({ at, event }) => [event.id, at]));
          const end = given.items.at(-1)?.at;
          const { seen } = play({ ...given, window: Infinity });
          for (const { transaction, at } of seen) {
            const { events: list, complete } = transaction;
            const waited = at - arrivals.get(list[0]!.id)!;
            expect(waited).to.be.at.most(given.maxWaitMs);
            const isDue = list.length === given.maxEvents || waited === given.maxWaitMs || at === end;
            expect(complete || isDue).to.equal(true);
          }
        }),
        { numRuns: 300 },
      );
    });

    it('no more is kept than said, and no window that is full of it stays so', () => {
      fc.assert(
        fc.property(settings, (given) => {
          let last = -1;
          play(given, (kept, at) => {
            expect(kept).to.be.below(given.maxEvents);
            if (at > last) expect(kept).to.be.below(given.window);
            last = at;
          });
        }),
        { numRuns: 300 },
      );
    });

    it('every event is settled once when its work is done, and none after an error', () => {
      const works = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 });
      const failing = fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 12 }));
      fc.assert(
        fc.property(settings, works, failing, ({ items: list, window, ...options }, times, failAt) => {
          runMarbles(({ scheduler, flush }) => {
            const source = delivered(arriving(list, scheduler), scheduler, { window });
            const done: ChangeEvent[] = [];
            const failures: unknown[] = [];
            const work = (transaction: ChangeTransaction, index: number) =>
              timer(times[index % times.length]!, scheduler).pipe(
                tap(() => {
                  if (index === failAt) throw new Error('no');
                  done.push(...transaction.events);
                }),
              );
            source.values
              .pipe(byTransaction(options), handle(work, { concurrency: 3, keyBy: () => [] }))
              .subscribe({ error: (error: unknown) => failures.push(error) });
            flush();
            expect(source.settled.map(({ value }) => value)).to.deep.equal(done);
            expect(new Set(done).size).to.equal(done.length);
            if (failures.length === 0) expect(done).to.have.length(list.length);
          });
        }),
        { numRuns: 300 },
      );
    });
  });
});
