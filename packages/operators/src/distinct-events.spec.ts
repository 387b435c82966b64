import { expect } from 'chai';
import { of, range, take } from 'rxjs';
import { ConfigurationError } from '@rxforce/core/model';
import { changeEvent, delivered, platformEvent, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { distinctEvents } from './distinct-events.js';
import { expandMerged } from './expand-merged.js';
import { type Event, position, values } from '../test/support/told-apart.js';

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
});
