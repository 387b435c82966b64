import { expect } from 'chai';
import { map, NEVER, range, startWith, Subject, take, tap, VirtualTimeScheduler } from 'rxjs';
import { ConfigurationError, type ChangeEvent } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { byTransaction, type ChangeTransaction } from './by-transaction.js';
import { byTransactionShown, eventOf, events } from '../test/support/in-transactions.js';

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
});
