import { expect } from 'chai';
import { deliverySource, type DeliverySink } from '@rxforce/core/delivery-source';
import fc from 'fast-check';
import {
  catchError,
  concat,
  defer,
  delay,
  EMPTY,
  map,
  merge,
  mergeMap,
  of,
  range,
  retry,
  Subject,
  take,
  tap,
  timer,
  type MonoTypeOperatorFunction,
} from 'rxjs';
import { hold, type Hold } from '@rxforce/core/delivery';
import { ConfigurationError, ReplayId, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent, delivered, platformEvent, runMarbles, type DeliveredSource } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { batchBy } from './batch-by.js';
import { distinctEvents } from './distinct-events.js';
import { expandMerged } from './expand-merged.js';
import { handle } from './handle.js';

const values = { a: changeEvent(), b: changeEvent(), c: changeEvent(), d: changeEvent() };
type Event = ChangeEvent;

const position = (text: string) => ReplayId.fromBytes(Buffer.from(text));
/** Work that takes some time, and gives the event back. */
const working = (ms: number): MonoTypeOperatorFunction<Event> =>
  handle((event: Event) => timer(ms).pipe(map(() => event)), { concurrency: Infinity, keyBy: () => [] });
const times = (source: DeliveredSource<unknown>) => source.settled.map(({ at }) => at);

describe('distinctEvents', () => {
  it('does what its diagram shows', () => {
    runDiagram('distinct-events.ts', distinctEvents(), { source: values, result: values });
  });

  const cases: [string, string, string, string][] = [
    ['never', '----', '----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one', '-a-|', '-a-|', '^--!'],
    ['many', '-a-b-a-b-c|', '-a-b-----c|', '^---------!'],
    ['many at once', '-(abab)|', '-(ab)--|', '^------!'],
    ['an error', '-a-a-#', '-a---#', '^----!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`passes on what did not come before, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source, values);
        expectObservable(input.pipe(distinctEvents())).toBe(result, values);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('unsubscribes from its source, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-a-b', values);
      expectObservable(source.pipe(distinctEvents()), '^---!').toBe('-a---', values);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const distinct = cold('-a-b-a|', values).pipe(distinctEvents());
      expectObservable(distinct).toBe('-a-b--|', values);
      expectObservable(distinct, '--^').toBe('---a-b--|', values);
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const seen: number[] = [];
    range(0, Infinity)
      .pipe(distinctEvents({ keyBy: (value) => String(value >> 1) }), take(3))
      .subscribe((value) => seen.push(value));
    expect(seen).to.deep.equal([0, 2, 4]);
  });

  it('errors with what keyBy throws, and does not settle that event', () => {
    runMarbles(({ cold, scheduler, flush, expectObservable, expectSubscriptions }) => {
      const input = cold('-a-b-c', values);
      const source = delivered(input, scheduler);
      const keyBy = (event: Event) => {
        if (event.id === values.b.id) throw new Error('no');
        return event.id;
      };
      expectObservable(source.values.pipe(distinctEvents({ keyBy }))).toBe('-a-#', values, new Error('no'));
      expectSubscriptions(input.subscriptions).toBe('^--!');
      flush();
      expect(source.unsettled()).to.deep.equal([values.b]);
    });
  });

  describe('knows an event', () => {
    const passing = (...events: readonly unknown[]) => {
      const passed: number[] = [];
      of(...events)
        .pipe(distinctEvents())
        .subscribe((value) => passed.push(events.indexOf(value)));
      return passed;
    };

    it('by its id and its replay id together', () => {
      const [one, other] = [position('1'), position('2')];
      const events = [
        changeEvent({ id: 'x', replayId: one }),
        changeEvent({ id: 'y', replayId: one }),
        changeEvent({ id: 'x', replayId: other }),
        changeEvent({ id: 'x', replayId: position('1') }),
        platformEvent('/event/Order__e', {}, { id: 'y', replayId: one }),
        platformEvent('/event/Order__e', {}, { id: 'y', replayId: other }),
      ];
      // Platform events have no record, and are none of the changes.
      expect(passing(...events)).to.deep.equal([0, 1, 2, 4, 5]);
    });

    it('not, when it has no id', () => {
      const [one, two] = [changeEvent({ id: '' }), changeEvent({ id: '' })];
      expect(passing(one, one, two)).to.deep.equal([0, 0, 2]);
    });

    it('not, when it has no replay id, or is no event', () => {
      expect(passing({ id: 'x' }, 'x', 'x', null, null, undefined)).to.deep.equal([0, 1, 1, 3, 3, 5]);
    });

    it('of each record, where a merged one was split', () => {
      const merged = changeEvent({ recordIds: ['1', '2'] });
      const records: (string | undefined)[] = [];
      of(merged, merged)
        .pipe(expandMerged(), distinctEvents())
        .subscribe(({ header }) => records.push(header.recordIds[0]));
      expect(records).to.deep.equal(['1', '2']);
      expect(passing(merged, merged)).to.deep.equal([0]);
    });

    it('by the key it is given', () => {
      runMarbles(({ cold, expectObservable }) => {
        const keyBy = (value: string) => (value === 'x' ? undefined : value.toLowerCase());
        expectObservable(cold('aAbxxBa|').pipe(distinctEvents({ keyBy }))).toBe('a-bxx--|');
      });
    });
  });

  describe('memory', () => {
    it('forgets the event that did not come for the longest time, when there are more than size', () => {
      runMarbles(({ cold, expectObservable }) => {
        expectObservable(cold('abacbac|', values).pipe(distinctEvents({ size: 2 }))).toBe('ab-cbac|', values);
        expectObservable(cold('aabaa|', values).pipe(distinctEvents({ size: 1 }))).toBe('a-ba-|', values);
      });
    });

    it('is of 10,000 events, when nothing is said', () => {
      const seen: number[] = [];
      const first = 10_000;
      const keyBy = String;
      // 0 is seen again just in time; 1 was forgotten when one more came.
      of(...Array.from({ length: first }, (_, index) => index), 0, first, 0, 1)
        .pipe(distinctEvents<number>({ keyBy }))
        .subscribe((value) => seen.push(value));
      expect(seen).to.have.length(first + 2);
      expect(seen.slice(-2)).to.deep.equal([first, 1]);
    });

    for (const size of [0, -1, 1.5, NaN, Infinity]) {
      it(`refuses a size of ${size}`, () => {
        expect(() => distinctEvents({ size })).to.throw(ConfigurationError, 'distinctEvents() got size');
      });
    }
  });

  describe('an event that is dropped', () => {
    it('is settled, as what is passed on is', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-b-a-(aa)', values), scheduler);
        source.values.pipe(distinctEvents()).subscribe();
        flush();
        expect(times(source)).to.deep.equal([1, 3, 5, 7, 7]);
      });
    });

    it('is settled after the first, where it carries no delivery of its own', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(hot('-a-b-a', { a: 'a', b: 'b' }), scheduler);
        source.values
          .pipe(
            distinctEvents({ keyBy: String }),
            handle(() => timer(9), { concurrency: 9 }),
          )
          .subscribe();
        flush();
        expect(source.settled).to.deep.equal([
          { value: 'a', at: 10 },
          { value: 'a', at: 10 },
          { value: 'b', at: 12 },
        ]);
      });
    });

    it('is passed on, where a message that carries no delivery comes again after its work failed', async () => {
      const handled: string[] = [];
      let sink: DeliverySink<{ readonly key: string }, string> | undefined;
      const settled: string[] = [];
      deliverySource<{ readonly key: string }, string>((given) => void (sink = given), {
        ...{ name: 'a queue', onFailure: 'unsettled', settled: (place) => settled.push(place) },
      })
        .pipe(distinctEvents({ keyBy: ({ key }) => key }))
        .subscribe(({ key }) => {
          handled.push(key);
          return (handled.length === 1 ? Promise.reject(new Error('no')) : Promise.resolve()) as never;
        });
      const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
      sink?.deliver({ key: 'm' }, 'first');
      await turn();
      sink?.deliver({ key: 'm' }, 'second');
      await turn();
      expect([handled, settled]).to.deep.equal([['m', 'm'], ['second']]);
    });

    it('is not settled before the work on the first is done', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('---a-a-', values), scheduler);
        const result = merge(one.values, other.values).pipe(distinctEvents(), working(5));
        expectObservable(result).toBe('------a', values);
        flush();
        expect([times(one), times(other)]).to.deep.equal([[6], [6, 6]]);
      });
    });

    it('is not settled at all, when the work on the first never is, because all was unsubscribed', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('---a---', values), scheduler);
        const subscription = merge(one.values, other.values).pipe(distinctEvents(), working(9)).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 5);
        flush();
        expect([one.unsettled(), other.unsettled()]).to.deep.equal([[values.a], [values.a]]);
      });
    });

    it('is settled with the first, when that is after the completion', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const one = delivered(hot('-a-|', values), scheduler);
        const other = delivered(hot('--a|', values), scheduler);
        expectObservable(merge(one.values, other.values).pipe(distinctEvents(), working(9))).toBe(
          '----------(a|)',
          values,
        );
        flush();
        expect([times(one), times(other)]).to.deep.equal([[10], [10]]);
      });
    });

    /** Keeps the holds that it takes for the test. */
    const holding = (holds: Hold[]): MonoTypeOperatorFunction<Event> => tap((event) => holds.push(hold(event)));

    it('is passed on after all, once, when the first will never be settled', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const holds: Hold[] = [];
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('---aa--', values), scheduler);
        const failing = one.values.pipe(catchError(() => EMPTY));
        expectObservable(merge(failing, other.values).pipe(distinctEvents(), holding(holds))).toBe('-a----a', values);
        scheduler.schedule(() => holds[0]!.abandon(), 6);
        scheduler.schedule(() => expect(times(other)).to.deep.equal([]), 8);
        scheduler.schedule(() => holds[1]!.release(), 9);
        flush();
        expect(one.unsettled()).to.deep.equal([values.a]);
        expect(holds).to.have.length(2);
        expect(times(other)).to.deep.equal([9, 9]);
      });
    });

    it('is passed on, when it comes again after the first failed, and was settled by neither', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const holds: Hold[] = [];
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('-----a-', values), scheduler);
        const failing = one.values.pipe(catchError(() => EMPTY));
        expectObservable(merge(failing, other.values).pipe(distinctEvents(), holding(holds))).toBe('-a---a', values);
        scheduler.schedule(() => holds[0]!.abandon(), 3);
        flush();
        expect(other.unsettled()).to.deep.equal([values.a]);
      });
    });

    it('is not passed on to a subscriber that is gone, nor settled then', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const holds: Hold[] = [];
        const one = delivered(hot('-a-----', values), scheduler);
        const other = delivered(hot('---a---', values), scheduler);
        const failing = one.values.pipe(catchError(() => EMPTY));
        const subscription = merge(failing, other.values).pipe(distinctEvents(), holding(holds)).subscribe();
        scheduler.schedule(() => subscription.unsubscribe(), 5);
        scheduler.schedule(() => holds[0]!.abandon(), 6);
        flush();
        expect(holds).to.have.length(1);
        expect(other.unsettled()).to.deep.equal([values.a]);
      });
    });

    it('is passed on, when its stream cannot go on before it is let go of', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const one = delivered(hot('-a-------', values), scheduler);
        const other = delivered(hot('---a-b--', values), scheduler, { window: 2 });
        const batches = merge(one.values, other.values).pipe(distinctEvents(), batchBy(3, Infinity));
        expectObservable(batches).toBe('-----x', { x: [values.a, values.b, values.a] });
        flush();
        expect([times(one), times(other)]).to.deep.equal([[5], [5, 5]]);
      });
    });

    it('is passed on so once, also when the first then fails, and the stream stops again', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const holds: Hold[] = [];
        const one = delivered(hot('-a-------', values), scheduler);
        const other = delivered(hot('---a-a---', values), scheduler, { window: 1 });
        const failing = one.values.pipe(catchError(() => EMPTY));
        expectObservable(merge(failing, other.values).pipe(distinctEvents(), holding(holds))).toBe('-a-a-a', values);
        scheduler.schedule(() => holds[1]!.release(), 4);
        scheduler.schedule(() => holds[0]!.abandon(), 7);
        flush();
        expect(times(other)).to.deep.equal([4]);
        expect(other.unsettled()).to.deep.equal([values.a]);
      });
    });

    it('is no reason to wait for itself, when one delivery comes in several values', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const source = delivered(hot('-a-b', values), scheduler);
        const result = source.values.pipe(
          mergeMap((event) => [event, event]),
          distinctEvents(),
          working(3),
        );
        expectObservable(result).toBe('----a-b', values);
        flush();
        expect(times(source)).to.deep.equal([4, 6]);
      });
    });

    it('is no reason to wait for itself, when it comes in the same batch', () => {
      runMarbles(({ hot, scheduler, flush, expectObservable }) => {
        const source = delivered(hot('-ab-a|', values), scheduler);
        const result = source.values.pipe(
          batchBy(3, 9),
          mergeMap((batch) => batch),
          distinctEvents(),
          working(3),
        );
        expectObservable(result).toBe('-------(ab|)', values);
        flush();
        expect(times(source)).to.deep.equal([7, 7, 7]);
      });
    });
  });

  it('loses nothing and does nothing twice, when a retry() before it brings back what is in work', () => {
    runMarbles(({ cold, scheduler, flush, expectObservable }) => {
      const runs = [cold('-ab-#', values), cold('-ab-c|', values)].map((run) => delivered(run, scheduler));
      let next = 0;
      const source$ = defer(() => runs[next++]!.values).pipe(retry());
      expectObservable(source$.pipe(distinctEvents(), working(6))).toBe('-------ab-----(c|)', values);
      flush();
      expect(runs.map(times)).to.deep.equal([
        [7, 8],
        [7, 8, 14],
      ]);
    });
  });

  it('takes an event that comes again inside the call for one that came before', () => {
    const seen: Event[] = [];
    const source = new Subject<Event>();
    source.pipe(distinctEvents()).subscribe((event) => {
      seen.push(event);
      source.next(event);
    });
    source.next(values.a);
    expect(seen).to.deep.equal([values.a]);
  });

  /** Which of some events pass, by a list of the keys seen last. */
  function byTheBook(keys: readonly string[], size: number): number[] {
    let list: readonly string[] = [];
    return keys.flatMap((key, index) => {
      if (key === '') return [index];
      const isKnown = list.includes(key);
      list = [...list.filter((each) => each !== key), key].slice(-size);
      return isKnown ? [] : [index];
    });
  }

  it('never drops an event that comes for the first time, nor passes on one that it remembers, and settles all', () => {
    const trait = fc.record({ id: fc.constantFrom('', 'p', 'q', 'r'), at: fc.constantFrom('1', '2'), ms: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.array(trait, { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(5),
        (traits, size, workMs) => {
          runMarbles(({ scheduler, flush }) => {
            const events = traits.map(({ id, at }, index) =>
              changeEvent({ id, replayId: position(at), sequenceNumber: index }),
            );
            const keys = traits.map(({ id, at }) => (id === '' ? '' : id + at));
            const spaced = events.map((event, index) => of(event).pipe(delay(traits[index]!.ms, scheduler)));
            const source = delivered(concat(...spaced), scheduler);
            const passed: number[] = [];
            source.values
              .pipe(
                distinctEvents({ size }),
                tap(({ header }) => passed.push(header.sequenceNumber)),
                working(workMs),
              )
              .subscribe();
            flush();

            expect(passed).to.deep.equal(byTheBook(keys, size));
            expect(passed).to.include.members(keys.map((key) => keys.indexOf(key)));
            expect(source.settled.map(({ value }) => value)).to.have.members(events);
            expect(source.settled).to.have.length(events.length);
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});
