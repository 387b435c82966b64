import { expect } from 'chai';
import { concatMap, map, timer } from 'rxjs';
import type { ChangeType } from '@rxforce/core/model';
import { runMarbles } from '@rxforce/core/testing';
import { resolveGaps, type ResolveGapsOptions } from './resolve-gaps.js';
import {
  brief,
  clockToleranceMs,
  type Event,
  event,
  G,
  type Lead,
  lead,
  onOverflow,
  type Read,
  reads,
  S,
  SECOND,
  snapshot,
  V,
  withIds,
} from '../test/support/gap-events.js';

describe('resolveGaps', () => {
  describe('a dirty record', () => {
    it('has an event dropped only where clocks cannot have made it seem older, by default', () => {
      const seen: string[] = [];
      const events = [event('GAP_UPDATE', '1', 1), event('UPDATE', '1', 21), event('UPDATE', '1', 22)];
      runMarbles(({ cold, flush }) => {
        cold('a')
          .pipe(
            concatMap(() => events),
            resolveGaps<Lead>(() => timer(9).pipe(map(() => lead('s', 30))), { onOverflow }),
          )
          .subscribe((each) => seen.push(`${brief(each)} ${each.header.commitTimestamp}`));
        flush();
      });
      expect(seen).to.deep.equal(['SNAPSHOT 1 1000', 'UPDATE 1 22000']);
    });

    /** What comes once all was read, of events that come at once. */
    const after = (events: readonly Event[], record: Lead | null, options: Partial<ResolveGapsOptions<Lead>> = {}) => {
      const seen: Event[] = [];
      runMarbles(({ cold, flush }) => {
        const source = cold('a').pipe(concatMap(() => events));
        source
          .pipe(
            resolveGaps<Lead>(() => timer(9).pipe(map(() => record)), {
              onOverflow,
              clockToleranceMs,
              maxStaleRetries: 0,
              ...options,
            }),
          )
          .subscribe((each) => seen.push(each));
        flush();
      });
      return seen;
    };

    it('has the events dropped that it contains: those committed in an earlier second than it was modified', () => {
      const [one, two, three] = [2, 3, 4].map((second) => event('UPDATE', '1', second));
      const seen = after([event('GAP_UPDATE', '1', 1), one!, two!, three!], lead('s', 3));
      expect(seen).to.have.length(3);
      expect(seen[1]).to.equal(two);
      expect(seen[2]).to.equal(three);
    });

    for (const changeType of [
      'CREATE',
      'UPDATE',
      'DELETE',
      'UNDELETE',
      'GAP_DELETE',
      'GAP_UPDATE',
    ] satisfies ChangeType[]) {
      it(`contains a ${changeType}, too, and it is not read again`, () => {
        let count = 0;
        const lastModifiedOf = (record: Partial<Lead>) => (count++, record.LastModifiedDate as number);
        const seen = after([event('GAP_UPDATE', '1', 1), event(changeType, '1', 2)], lead('s', 3), { lastModifiedOf });
        expect(seen.map(brief)).to.deep.equal(['SNAPSHOT 1']);
        expect(count).to.equal(1);
      });
    }

    for (const [how, LastModifiedDate] of [
      ['milliseconds', 3 * SECOND],
      ['an ISO text', '1970-01-01T00:00:03Z'],
      ['the text of the REST API', '1970-01-01T00:00:03.000+0000'],
      ['a Date', new Date(3 * SECOND)],
    ] as const) {
      it(`says in ${how} when it was modified`, () => {
        const events = [event('GAP_UPDATE', '1', 1), event('UPDATE', '1', 2), event('UPDATE', '1', 3)];
        expect(after(events, { Name: 's', LastModifiedDate }).slice(1)).to.deep.equal([events[2]]);
      });
    }

    it('says in another field when it was modified', () => {
      const events = [event('GAP_UPDATE', '1', 1), event('UPDATE', '1', 2), event('UPDATE', '1', 3)];
      const lastModifiedOf = ({ Name }: Partial<Lead>) => Name;
      expect(after(events, { Name: '1970-01-01T00:00:03Z' }, { lastModifiedOf }).slice(1)).to.deep.equal([events[2]]);
    });

    for (const LastModifiedDate of [undefined, null, 'soon']) {
      it(`has all events passed on, when it was modified at "${String(LastModifiedDate)}"`, () => {
        const events = [event('GAP_UPDATE', '1', 1), event('UPDATE', '1', 2)];
        const record = LastModifiedDate === undefined ? { Name: 's' } : { Name: 's', LastModifiedDate };
        expect(after(events, record).slice(1)).to.deep.equal([events[1]]);
      });
    }

    it('has all events passed on, when it is gone', () => {
      const events = [event('UPDATE', '1', 2), event('DELETE', '1', 3), event('UNDELETE', '1', 4)];
      expect(after([event('GAP_UPDATE', '1', 1), ...events], null).slice(1)).to.deep.equal(events);
    });

    it('is read again for a second gap, unless the first read contains it', () => {
      for (const [second, count] of [
        [2, 1],
        [3, 2],
        [4, 2],
      ] as const) {
        const seen = after([event('GAP_UPDATE', '1', 1), event('GAP_UPDATE', '1', second)], lead('s', 3));
        expect(seen.map(brief)).to.deep.equal(Array.from({ length: count }, () => 'SNAPSHOT 1'));
      }
    });

    it('lets a merged event wait as a whole, which comes without the records that contain it', () => {
      const merged = event('UPDATE', ['1', '2', '3'], 2);
      const gaps = [event('GAP_UPDATE', '1', 1), event('GAP_UPDATE', '2', 1)];
      const fetchRecord = ({ recordId }: Read) =>
        recordId === '1' ? reads(4, lead('1', 3))() : reads(8, lead('2', 2))();
      runMarbles(({ cold, expectObservable }) => {
        const input = cold('(ghmx)', { g: gaps[0]!, h: gaps[1]!, m: merged, x: event('UPDATE', '3', 2) });
        const resolved = input.pipe(resolveGaps<Lead>(fetchRecord, { onOverflow, clockToleranceMs }), map(brief));
        expectObservable(resolved).toBe('4ms a 3ms (bmx)', {
          a: 'SNAPSHOT 1',
          b: 'SNAPSHOT 2',
          m: 'UPDATE 2,3',
          x: 'UPDATE 3',
        });
      });
    });

    it('contains a merged event as a whole, when each of its records does', () => {
      const merged = event('UPDATE', ['1', '2'], 2);
      expect(after([event('GAP_UPDATE', ['1', '2'], 1), merged], lead('s', 3)).map(brief)).to.deep.equal([
        'SNAPSHOT 1',
        'SNAPSHOT 2',
      ]);
    });

    it('contains what comes later and is older, and what is newer not', () => {
      const events = {
        g: event('GAP_UPDATE', '1', 1),
        a: event('UPDATE', '1', 2),
        b: event('UPDATE', ['1', '2'], 3),
        c: event('UPDATE', '1', 4),
        d: event('UPDATE', '1', 5),
      };
      runMarbles(({ cold, expectObservable }) => {
        const resolved = cold('g-a-b-c-d', events).pipe(
          resolveGaps<Lead>(() => [lead('s', 4)], { onOverflow, clockToleranceMs }),
        );
        expectObservable(resolved).toBe('s---b-c-d', {
          ...events,
          s: snapshot(events.g, '1', lead('s', 4)),
          b: withIds(events.b, ['2']),
        });
      });
    });

    it('is forgotten once the stream has come to when it was modified: what is older comes no more', () => {
      const events = {
        g: event('GAP_UPDATE', '1', 1),
        o: event('UPDATE', '2', 4),
        late: event('UPDATE', '1', 2),
      };
      runMarbles(({ cold, expectObservable }) => {
        const input = cold('gol', { g: events.g, o: events.o, l: events.late });
        expectObservable(
          input.pipe(
            resolveGaps<Lead>(() => [lead('s', 4)], { onOverflow, clockToleranceMs }),
            map(brief),
          ),
        ).toBe('sol', {
          s: 'SNAPSHOT 1',
          o: 'UPDATE 2',
          l: 'UPDATE 1',
        });
      });
    });

    it('contains what waits and is older, also when others brought the stream to its time', () => {
      const slow = event('GAP_UPDATE', '2', 1);
      const merged = event('UPDATE', ['1', '2'], 2);
      const fetchRecord = ({ recordId }: Read) => reads(recordId === '2' ? 9 : 0, lead(recordId, 3))();
      runMarbles(({ cold, expectObservable }) => {
        const input = cold('(gs)m-u', {
          g: event('GAP_UPDATE', '1', 1),
          s: slow,
          m: merged,
          u: event('UPDATE', '3', 7),
        });
        expectObservable(input.pipe(resolveGaps<Lead>(fetchRecord, { onOverflow, clockToleranceMs }), map(brief))).toBe(
          'a-----u--b',
          {
            a: 'SNAPSHOT 1',
            u: 'UPDATE 3',
            b: 'SNAPSHOT 2',
          },
        );
      });
    });

    it('is told apart from one of the same id in another object', () => {
      const other = event('UPDATE', '1', 0, { entityName: 'Account' });
      expect(after([G, other, V], S)).to.deep.equal([other, snapshot(G, '1', S), V]);
    });
  });
});
