import { expect } from 'chai';
import { map, of, range, take } from 'rxjs';
import { ConfigurationError, type ChangeType } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { filterField } from './filter-field.js';
import { toRecords } from './to-records.js';
import {
  type Account,
  changesOf,
  CREATED,
  DELETED,
  diffTo,
  type Event,
  event,
  events,
  summary,
  UPDATED,
} from '../test/support/kept-records.js';

describe('toRecords', () => {
  it('does what its diagram shows', () => {
    const a = { Name: 'x', City: 'y' };
    const b = { Name: 'x', City: 'z' };
    const same = { recordId: '1', complete: true };
    runDiagram('to-records.ts', toRecords<Account>(), {
      source: { a: CREATED, b: UPDATED, c: DELETED },
      result: {
        x: { ...CREATED, ...same, data: a, before: undefined, after: a },
        y: { ...UPDATED, ...same, data: b, before: a, after: b },
        z: { ...DELETED, ...same, data: b, before: b, after: undefined },
      },
    });
  });

  const cases: [string, string, string, string][] = [
    ['never', '----', '----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one', '-a--|', '-a--|', '^---!'],
    ['many', '-a-b-c-', '-a-b-c-', '^'],
    ['many at once', '-(abc)-|', '-(abc)-|', '^------!'],
    ['an error', '-a--#', '-a--#', '^---!'],
  ];
  const names = { CREATE: 'a', UPDATE: 'b', DELETE: 'c' } as Record<ChangeType, string>;
  const nameOf = ({ header }: Event) => names[header.changeType];
  for (const [what, source, result, subscription] of cases) {
    it(`emits each change at once, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source, events);
        expectObservable(input.pipe(toRecords<Account>(), map(nameOf))).toBe(result);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('unsubscribes from its source, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-a-b-c', events);
      expectObservable(source.pipe(toRecords<Account>(), map(nameOf)), '^---!').toBe('-a-b-');
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('shares nothing between two subscriptions', () => {
    runMarbles(({ cold, expectObservable }) => {
      const known = cold('ab|', events).pipe(
        toRecords<Account>(),
        map(({ before }) => before !== undefined),
      );
      expectObservable(known).toBe('ny|', { n: false, y: true });
      expectObservable(known, '---^').toBe('---ny|', { n: false, y: true });
    });
  });

  it('ends a source that emits without end inside subscribe(), when a taker is full', () => {
    const seen: unknown[] = [];
    range(0, Infinity)
      .pipe(
        map(() => UPDATED),
        toRecords<Account>(),
        take(2),
      )
      .subscribe((change) => seen.push(change.data));
    expect(seen).to.deep.equal([{ City: 'z' }, { City: 'z' }]);
  });

  for (const options of [{ concurrency: 0 }, { concurrency: 1.5 }, { maxRecords: 0 }, { maxRecords: NaN }]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => toRecords(options)).to.throw(ConfigurationError, 'toRecords()');
    });
  }

  describe('a change', () => {
    it('has all that the event has, and a copy of what its delivery is known by', () => {
      const mark = Symbol.for('@rxforce/core/delivery/3');
      const carrying = { ...CREATED, [mark]: undefined };
      const [change] = changesOf([carrying]);
      expect(change).to.deep.include({ id: CREATED.id, topic: CREATED.topic, replayId: CREATED.replayId });
      expect(change!.header).to.equal(CREATED.header);
      expect(Object.getOwnPropertySymbols(change)).to.deep.equal([mark]);
    });

    it('is one for each record of a merged event, which has that record alone', () => {
      const merged = event('UPDATE', { City: 'z' }, { recordIds: ['1', '2'] });
      const changes = changesOf([CREATED, merged]).slice(1);
      expect(changes.map(summary)).to.deep.equal([
        {
          recordId: '1',
          data: { Name: 'x', City: 'z' },
          before: CREATED.data,
          after: { Name: 'x', City: 'z' },
          complete: true,
        },
        { recordId: '2', data: { City: 'z' }, before: undefined, after: { City: 'z' }, complete: false },
      ]);
      expect(changes.map(({ header }) => header.recordIds)).to.deep.equal([['1'], ['2']]);
    });

    it('is not complete, until a CREATE, UNDELETE or SNAPSHOT shows the record', () => {
      for (const changeType of ['CREATE', 'UNDELETE', 'SNAPSHOT'] satisfies ChangeType[]) {
        const shown = event(changeType, { Name: 'x', City: 'y' });
        const all = changesOf([UPDATED, UPDATED, shown, UPDATED]);
        expect(all.map(({ complete }) => complete)).to.deep.equal([false, false, true, true]);
        expect(all.at(-1)).to.deep.include({ before: shown.data, after: { Name: 'x', City: 'z' } });
      }
    });

    it('has what was known last, and what the event was enriched with, when the record is deleted', () => {
      const enriched = event('DELETE', { Name: null, City: 'w' });
      expect(changesOf([UPDATED, enriched]).map(summary)[1]).to.deep.equal({
        recordId: '1',
        data: { City: 'w' },
        before: { City: 'z' },
        after: undefined,
        complete: false,
      });
      expect(changesOf([enriched]).map(summary)[0]).to.deep.include({ data: { City: 'w' }, before: undefined });
      expect(changesOf([CREATED, DELETED, UPDATED]).map(summary)[2]).to.deep.include({
        before: undefined,
        complete: false,
      });
    });

    it('has texts in the place of text diffs, and says so', () => {
      const created = event('CREATE', { Notes: 'old' });
      const change = changesOf([created, diffTo('old', 'new')])[1]!;
      expect(change.data).to.deep.equal({ Notes: 'new' });
      expect(change.header).to.deep.include({ diffFields: [], changedFields: ['Notes'] });
    });

    it('tells records of the same id in two objects apart', () => {
      const lead = event('UPDATE', { City: 'z' }, { entityName: 'Lead' });
      expect(changesOf([CREATED, lead])[1]).to.deep.include({ before: undefined, after: { City: 'z' } });
    });

    it('tells filterField what a field was before', () => {
      const seen: unknown[] = [];
      of(CREATED, UPDATED, event('UPDATE', { City: 'y' }))
        .pipe(toRecords<Account>(), filterField('City', 'changedFrom', 'z'))
        .subscribe(({ data }) => seen.push(data));
      expect(seen).to.deep.equal([{ Name: 'x', City: 'y' }]);
    });
  });

  describe('in memory', () => {
    const create = (id: string) => event('CREATE', { Name: id }, { recordIds: [id] });
    const update = (id: string) => event('UPDATE', { City: id }, { recordIds: [id] });

    it('forgets the records that changed least recently, beyond the most it keeps', () => {
      const known = (events: readonly Event[]) =>
        changesOf(events, { maxRecords: 2 }).map(({ complete, before }) => [complete, before !== undefined]);
      const start = [create('1'), create('2'), update('1'), create('3')];
      expect(known([...start, update('1')]).at(-1)).to.deep.equal([true, true]);
      expect(known([...start, update('3')]).at(-1)).to.deep.equal([true, true]);
      expect(known([...start, update('2')]).at(-1)).to.deep.equal([false, false]);
    });

    it('does not count deleted records', () => {
      const removed = event('DELETE', {}, { recordIds: ['2'] });
      const events = [create('1'), create('2'), removed, create('3'), update('1')];
      expect(changesOf(events, { maxRecords: 2 }).at(-1)!.complete).to.equal(true);
    });
  });

  describe('deliveries', () => {
    it('are settled with their changes, a merged event with the last of them', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const merged = event('UPDATE', {}, { recordIds: ['1', '2'] });
        const source = delivered(hot('-a-m', { a: CREATED, m: merged }), scheduler);
        source.values.pipe(toRecords<Account>()).subscribe();
        flush();
        expect(source.settled.map(({ at }) => at)).to.deep.equal([1, 3]);
      });
    });

    it('are not settled, when the subscriber is closed by one of the changes', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const merged = event('UPDATE', {}, { recordIds: ['1', '2'] });
        const source = delivered(hot('-m', { m: merged }), scheduler);
        source.values.pipe(toRecords<Account>(), take(2)).subscribe();
        flush();
        expect(source.settled).to.deep.equal([]);
      });
    });
  });
});
