import { expect } from 'chai';
import { map, of, throwError, toArray, timer } from 'rxjs';
import { delivered, runMarbles } from '@rxforce/core/testing';
import type { EntityRead, RecordRead } from './gaps/gap-work.js';
import { resolveGaps } from './resolve-gaps.js';
import {
  brief,
  clockToleranceMs,
  deletion,
  event,
  type Lead,
  lead,
  notCalled,
  onOverflow,
  type Read,
  reads,
  S,
  SECOND,
  snapshot,
  V,
  values,
  withIds,
} from '../test/support/gap-events.js';

describe('resolveGaps', () => {
  describe('a stale read', () => {
    const gap = event('GAP_UPDATE', '1', 5);
    const options = { onOverflow, clockToleranceMs, staleDelayMs: 10 };
    /** Reads that take 2 and give one record after the other. */
    const inTurn = (...records: (Lead | null)[]) => {
      let count = 0;
      return () => timer(2).pipe(map(() => records[Math.min(count++, records.length - 1)]));
    };

    for (const [what, stale] of [
      ['older than the gap', lead('old', 4)],
      ['gone', null],
    ] as const) {
      it(`is made again, as often as said: a record that is ${what}`, () => {
        runMarbles(({ cold, expectObservable }) => {
          const resolved = (maxStaleRetries: number, ...records: (Lead | null)[]) =>
            cold('g|', { g: gap }).pipe(resolveGaps<Lead>(inTurn(...records), { ...options, maxStaleRetries }));
          const result = {
            f: snapshot(gap, '1', lead('new', 5)),
            s: stale ? snapshot(gap, '1', stale) : deletion(gap, ['1']),
          };
          expectObservable(resolved(2, stale, stale, lead('new', 5))).toBe('26ms (f|)', result);
          expectObservable(resolved(1, stale, stale, lead('new', 5))).toBe('14ms (s|)', result);
          expectObservable(resolved(0, stale)).toBe('--(s|)', result);
        });
      });
    }

    it('is made again twice after a second each, unless told otherwise', () => {
      runMarbles(({ cold, expectObservable }) => {
        const resolved = cold('g|', { g: gap }).pipe(
          resolveGaps<Lead>(inTurn(null), { onOverflow, clockToleranceMs }),
          map(brief),
        );
        expectObservable(resolved).toBe('2006ms (d|)', { d: 'DELETE 1' });
      });
    });

    it('is none, when it is of the second of the gap, or does not say', () => {
      for (const record of [lead('s', 5), lead('s', 6), { Name: 's' }]) {
        runMarbles(({ cold, expectObservable }) => {
          const resolved = cold('g|', { g: gap }).pipe(resolveGaps<Lead>(inTurn(record), options));
          expectObservable(resolved).toBe('--(s|)', { s: snapshot(gap, '1', record) });
        });
      }
    });

    it('keeps no other read waiting while it waits itself', () => {
      runMarbles(({ cold, expectObservable }) => {
        const fetchRecord = ({ recordId }: Read) => reads(2, lead(recordId, recordId === '1' ? 4 : 5))();
        const input = cold('g|', { g: event('GAP_UPDATE', ['1', '2'], 5) });
        const resolved = input.pipe(resolveGaps<Lead>(fetchRecord, { ...options, concurrency: 1, maxStaleRetries: 1 }));
        expectObservable(resolved.pipe(map(brief))).toBe('----b 9ms (a|)', { a: 'SNAPSHOT 1', b: 'SNAPSHOT 2' });
      });
    });

    it('waits no longer, when unsubscribed', () => {
      runMarbles(({ cold, expectObservable, flush, scheduler }) => {
        let count = 0;
        const fetchRecord = () => (count++, of(null));
        expectObservable(cold('g', { g: gap }).pipe(resolveGaps<Lead>(fetchRecord, options)), '^---!').toBe('');
        flush();
        expect([count, scheduler.now() < 10]).to.deep.equal([1, true]);
      });
    });
  });

  describe('what is about all records of an object', () => {
    const overflow = event('GAP_OVERFLOW', '000000000000000AAA', 7);
    const wildcard = event('UPDATE', '00Q*', 7, { changedFields: ['Name'], nulledFields: ['Name'] });
    const gapOfAll = event('GAP_UPDATE', '00Q*', 7);

    for (const [what, about] of [
      ['an overflow', overflow],
      ['a wildcard', wildcard],
      ['a gap with a wildcard', gapOfAll],
    ] as const) {
      it(`is handed to onOverflow, and its object's events wait for it: ${what}`, () => {
        const asked: EntityRead<Lead>[] = [];
        runMarbles(({ cold, expectObservable }) => {
          const other = event('UPDATE', '1', 0, { entityName: 'Account' });
          const input = cold('(xuav)', { ...values, x: about, a: other });
          const reload = (read: EntityRead<Lead>) => {
            asked.push(read);
            return cold<never>('-----|');
          };
          expectObservable(input.pipe(resolveGaps<Lead>(notCalled, { onOverflow: reload, clockToleranceMs }))).toBe(
            'a----(uv)',
            {
              ...values,
              a: other,
            },
          );
        });
        const { replayId } = about;
        expect(asked).to.deep.equal([{ entityName: 'Lead', since: 7 * SECOND, replayId, event: about }]);
      });
    }

    it('waits for what is under way for its object, and what waits for that', () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const account = event('GAP_UPDATE', '9', 0, { entityName: 'Account' });
        const reload = cold<never>('----|');
        const fetchRecord = ({ recordId }: Read) => reads(recordId === '9' ? 20 : 4, S)();
        const input = cold('(agvxu)', { ...values, a: account, x: overflow });
        const resolved = input.pipe(resolveGaps<Lead>(fetchRecord, { onOverflow: () => reload }));
        expectObservable(resolved.pipe(map(brief))).toBe('4ms (sv)u 11ms a', {
          s: 'SNAPSHOT 1',
          v: 'UPDATE 1',
          u: 'UPDATE 2',
          a: 'SNAPSHOT 9',
        });
        expectSubscriptions(reload.subscriptions).toBe('----^---!');
      });
    });

    it('has the records that are read passed on, and what they contain dropped', () => {
      runMarbles(({ cold, expectObservable }) => {
        const events = {
          x: overflow,
          o: event('UPDATE', ['1', '2'], 8),
          u: event('UPDATE', '3', 8),
          l: event('UPDATE', '1', 8),
          n: event('UPDATE', '1', 9),
        };
        const reload = () =>
          cold<RecordRead<Lead>>('-a-b-c|', {
            a: { recordId: '1', record: lead('1', 9) },
            b: { recordId: '2', record: null },
            c: { recordId: '3', record: undefined },
          });
        const resolved = cold('(xou)-l---n', events).pipe(
          resolveGaps<Lead>(notCalled, { onOverflow: reload, clockToleranceMs }),
        );
        expectObservable(resolved).toBe('-a-b-c(ou)n', {
          a: snapshot(overflow, '1', lead('1', 9)),
          b: deletion(overflow, ['2']),
          c: deletion(overflow, ['3']),
          o: withIds(events.o, ['2']),
          u: events.u,
          n: events.n,
        });
      });
    });

    it('is done with, when a promise without a value is', async () => {
      const seen = await new Promise((resolve) => {
        of(overflow, V)
          .pipe(resolveGaps<Lead>(notCalled, { onOverflow: async () => Promise.resolve() }), toArray())
          .subscribe(resolve);
      });
      expect(seen).to.deep.equal([V]);
    });

    it('is read one after the other, where there are several', () => {
      runMarbles(({ cold, expectSubscriptions, expectObservable }) => {
        const works = [cold<never>('---|'), cold<never>('--|')];
        const left = [...works];
        const input = cold('(xw)u|', { ...values, x: overflow, w: wildcard });
        expectObservable(input.pipe(resolveGaps<Lead>(notCalled, { onOverflow: () => left.shift()! }))).toBe(
          '-----(u|)',
          values,
        );
        expectSubscriptions(works[0]!.subscriptions).toBe('^--!');
        expectSubscriptions(works[1]!.subscriptions).toBe('---^-!');
      });
    });

    it('errors with what onOverflow throws or errors with, and settles nothing that waits', () => {
      const failure = new Error('no');
      const throws = (): never => {
        throw failure;
      };
      for (const reload of [throws, () => throwError(() => failure)]) {
        let error: unknown;
        runMarbles(({ cold, flush, scheduler }) => {
          const source = delivered(cold('(xv)', { ...values, x: overflow }), scheduler);
          source.values
            .pipe(resolveGaps<Lead>(notCalled, { onOverflow: reload, clockToleranceMs }))
            .subscribe({ error: (thrown: unknown) => (error = thrown) });
          flush();
          expect(source.settled).to.deep.equal([]);
        });
        expect(error).to.equal(failure);
      }
    });

    it('is read no longer, when unsubscribed', () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const reload = cold<never>('-----|');
        expectObservable(
          cold('x', { x: overflow }).pipe(resolveGaps<Lead>(notCalled, { onOverflow: () => reload })),
          '^--!',
        ).toBe('');
        expectSubscriptions(reload.subscriptions).toBe('^--!');
      });
    });
  });
});
