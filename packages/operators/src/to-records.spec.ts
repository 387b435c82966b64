import { expect } from 'chai';
import fc from 'fast-check';
import {
  asyncScheduler,
  EMPTY,
  lastValueFrom,
  map,
  of,
  range,
  Subject,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import {
  ChangeMismatchError,
  ConfigurationError,
  Err,
  Ok,
  type ChangeEvent,
  type ChangeType,
} from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles, type ChangeEventFields } from '@rxforce/core/testing';
import { runDiagram } from '../test/support/marble-doc.js';
import { memoryRecordStore } from '../test/support/memory-record-store.js';
import { unifiedDiff } from '../test/support/unified-diff.js';
import { filterField } from './filter-field.js';
import type { RecordStore } from './records/record-store.js';
import { toRecords, type RecordChange, type ToRecordsOptions } from './to-records.js';

interface Account {
  Name: string | null;
  City: string | null;
  Notes: string | null;
}

type Event = ChangeEvent<Account>;

const event = (changeType: ChangeType, data: Partial<Account> = {}, more: ChangeEventFields<Account> = {}): Event =>
  changeEvent<Account>({ changeType, recordIds: ['1'], data, ...more });

const CREATED = event('CREATE', { Name: 'x', City: 'y' });
const UPDATED = event('UPDATE', { City: 'z' });
const DELETED = event('DELETE', { Name: null, City: null });
const GAP = event('GAP_UPDATE');

/** What is said of the record, without the event. */
function summary({ recordId, data, before, after, complete }: RecordChange<Account>) {
  return { recordId, data, before, after, complete };
}

/** The changes that come at once, in short. */
function changesOf(events: readonly Event[], options: ToRecordsOptions<Account> = {}) {
  const changes: RecordChange<Account>[] = [];
  of(...events)
    .pipe(toRecords(options))
    .subscribe((change) => changes.push(change));
  return changes;
}

const diffTo = (before: string, after: string) =>
  event(
    'UPDATE',
    { Notes: unifiedDiff(before, after, { context: 0, emptySideNames: 'line-before' }) },
    { diffFields: ['Notes'] },
  );

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
  const events = { a: CREATED, b: UPDATED, c: DELETED };
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
      const mark = Symbol.for('@rxforce/core/delivery/2');
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

  describe('a change that cannot be applied', () => {
    const failed = (events: readonly Event[], options: ToRecordsOptions<Account> = {}): unknown => {
      let failure: unknown;
      runMarbles(({ hot, scheduler, flush }) => {
        const source = delivered(
          hot(
            'abc'.slice(0, events.length),
            Object.fromEntries(events.map((each, index) => ['abc'.charAt(index), each])),
          ),
          scheduler,
        );
        source.values.pipe(toRecords(options)).subscribe({ error: (error: unknown) => (failure = error) });
        flush();
        expect(source.unsettled()).to.deep.equal([events.at(-1)]);
      });
      return failure;
    };

    for (const [what, events] of [
      ['a text diff that does not fit', [event('CREATE', { Notes: 'other' }), diffTo('old', 'new')]],
      ['a gap', [CREATED, GAP]],
    ] as const) {
      it(`errors without settling it: ${what}`, () => {
        expect(failed(events)).to.be.instanceOf(ChangeMismatchError);
      });
    }

    for (const [what, about] of [
      ['an overflow', event('GAP_OVERFLOW', {}, { recordIds: ['000000000000000AAA'] })],
      ['a wildcard', event('UPDATE', { City: null }, { recordIds: ['001*'] })],
    ] as const) {
      it(`errors without asking for the record, where there is none: ${what}`, () => {
        const error = failed([about], { onMismatch: () => expect.fail('is asked') });
        expect(error).to.be.instanceOf(ChangeMismatchError);
        expect((error as ChangeMismatchError).message).to.include('resolveGaps()');
        expect(error).to.deep.include({ topic: about.topic, replayId: about.replayId.toString() });
      });
    }

    it('errors with what onMismatch throws or errors with', () => {
      const failure = new Error('no');
      const throws = (): Observable<Account> => {
        throw failure;
      };
      for (const onMismatch of [throws, () => throwError(() => failure)]) {
        expect(failed([CREATED, GAP], { onMismatch })).to.equal(failure);
      }
    });

    it('asks for the record once, and takes the first value in its place', () => {
      const asked: unknown[] = [];
      const read: Account = { Name: 'r', City: 'r', Notes: 'new' };
      const diff = diffTo('old', 'new');
      const changes = changesOf([UPDATED, diff, event('UPDATE', { City: 'q' })], {
        onMismatch: (...args) => {
          asked.push(args);
          return [read, { Name: 'never' }];
        },
      });
      expect(changes.slice(1).map(summary)).to.deep.equal([
        { recordId: '1', data: read, before: { City: 'z' }, after: read, complete: true },
        { recordId: '1', data: { ...read, City: 'q' }, before: read, after: { ...read, City: 'q' }, complete: true },
      ]);
      expect(asked).to.have.length(1);
      const [[about, recordId, error]] = asked as [[Event, string, unknown]];
      expect([about, recordId]).to.deep.equal([diff, '1']);
      expect(error).to.be.instanceOf(ChangeMismatchError);
    });

    it('makes a SNAPSHOT of a gap, and a DELETE where the record is gone', () => {
      const read = { Name: 'r' };
      for (const [answer, changeType, after] of [
        [[read], 'SNAPSHOT', read],
        [[], 'DELETE', undefined],
        [[undefined], 'DELETE', undefined],
      ] as const) {
        const [, change] = changesOf([CREATED, GAP], { onMismatch: () => answer });
        expect(change!.header.changeType).to.equal(changeType);
        expect(change).to.deep.include({ before: CREATED.data, after, data: after ?? CREATED.data, complete: true });
      }
    });

    it('holds its event, and later ones of the record, until the record was read', () => {
      runMarbles(({ hot, scheduler, flush }) => {
        const other = event('CREATE', {}, { recordIds: ['2'] });
        const source = delivered(hot('gcu|', { g: GAP, c: other, u: UPDATED }), scheduler);
        const seen: [string, number][] = [];
        source.values
          .pipe(toRecords<Account>({ onMismatch: () => timer(5).pipe(map(() => ({ Name: 'r' }))), concurrency: 2 }))
          .subscribe(({ recordId, header }) => seen.push([recordId + header.changeType, scheduler.now()]));
        flush();
        expect(seen).to.deep.equal([
          ['2CREATE', 1],
          ['1SNAPSHOT', 5],
          ['1UPDATE', 5],
        ]);
        expect(source.settled.map(({ value, at }) => [value, at])).to.deep.equal([
          [other, 1],
          [GAP, 5],
          [UPDATED, 5],
        ]);
      });
    });

    it('is read no longer, when unsubscribed', () => {
      runMarbles(({ hot, cold, expectObservable, expectSubscriptions }) => {
        const source = hot('-g', { g: GAP });
        const read = cold<Account>('-----x');
        expectObservable(source.pipe(toRecords<Account>({ onMismatch: () => read })), '^--!').toBe('---');
        expectSubscriptions(source.subscriptions).toBe('^--!');
        expectSubscriptions(read.subscriptions).toBe('-^-!');
      });
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

  describe('a store', () => {
    const start = (
      options: Omit<ToRecordsOptions<Account>, 'store'> = {},
      fail?: (call: string) => Error | undefined,
    ) => {
      const store = memoryRecordStore<Account>(fail);
      const events = new Subject<Event>();
      const source = delivered(events, asyncScheduler);
      const changes: RecordChange<Account>[] = [];
      const ends: unknown[] = [];
      const subscription = source.values.pipe(toRecords<Account>({ store, ...options })).subscribe({
        next: (change) => changes.push(change),
        error: (error: unknown) => ends.push(error),
        complete: () => ends.push('complete'),
      });
      return { store, events, source, changes, ends, subscription };
    };

    it('is where a record is loaded from and saved to, before the change is emitted and settled', async () => {
      const { store, events, changes, source } = start();
      store.records.set('Account 1', { data: { Name: 'x' }, complete: true });
      events.next(UPDATED);
      await store.answer();
      expect(store.calls).to.deep.equal(['load Account 1', 'save Account 1']);
      expect([changes.length, source.settled.length]).to.deep.equal([0, 0]);
      await store.answer();
      expect(changes.map(summary)).to.deep.equal([
        {
          recordId: '1',
          data: { Name: 'x', City: 'z' },
          before: { Name: 'x' },
          after: { Name: 'x', City: 'z' },
          complete: true,
        },
      ]);
      expect(store.records.get('Account 1')).to.deep.equal({ data: { Name: 'x', City: 'z' }, complete: true });
      expect(source.settled).to.have.length(1);
    });

    it('keeps that a record is not whole', async () => {
      const { store, events, changes } = start();
      events.next(UPDATED);
      events.next(UPDATED);
      await store.answerAll();
      expect(store.records.get('Account 1')).to.deep.equal({ data: { City: 'z' }, complete: false });
      expect(changes.map(({ complete }) => complete)).to.deep.equal([false, false]);
    });

    it('is rid of a record that was deleted', async () => {
      const { store, events, changes } = start();
      store.records.set('Account 1', { data: { Name: 'x' }, complete: true });
      events.next(DELETED);
      await store.answerAll();
      expect(store.records.size).to.equal(0);
      expect(changes.map(summary)[0]).to.deep.include({ before: { Name: 'x' }, after: undefined });
    });

    it('is given what onMismatch read', async () => {
      const { store, events } = start({ onMismatch: () => Promise.resolve({ Name: 'r' }) });
      events.next(GAP);
      await store.answerAll();
      expect(store.records.get('Account 1')).to.deep.equal({ data: { Name: 'r' }, complete: true });
    });

    it('has its last records saved, before the completion', async () => {
      const { store, events, ends, changes } = start();
      events.next(CREATED);
      events.next(UPDATED);
      events.complete();
      await store.answer();
      expect(ends).to.deep.equal([]);
      await store.answerAll();
      expect(ends).to.deep.equal(['complete']);
      expect(changes).to.have.length(2);
    });

    for (const call of ['load Account 1', 'save Account 1']) {
      it(`errors, and settles nothing, when it fails to ${call.slice(0, 4)}`, async () => {
        const failure = new Error('no');
        const { store, events, ends, source } = start({}, (name) => (name === call ? failure : undefined));
        events.next(CREATED);
        events.next(UPDATED);
        await store.answerAll();
        expect(ends).to.deep.equal([failure]);
        expect(source.settled).to.deep.equal([]);
        expect(events.observed).to.equal(false);
      });
    }

    const record = { data: { Name: 'x' }, complete: true };
    const wrong: [string, unknown, unknown, RegExp][] = [
      [
        'a result of the older contract',
        Ok(record),
        undefined,
        /^load\(\) of the store .* must resolve with \{ data, complete/,
      ],
      ['rows, and not the record', [{ Name: 'x' }], undefined, /^load\(\)/],
      ['an Observable, which nobody subscribes to', undefined, EMPTY, /^save\(\)/],
      ['false, for a save', undefined, false, /^save\(\) of the store .* false, but must resolve with nothing/],
    ];
    for (const [what, loaded, saved, message] of wrong) {
      it(`errors, and settles nothing, when it answers with ${what}`, async () => {
        // What is returned at once is an answer, too.
        for (const answer of [(value: unknown) => Promise.resolve(value), (value: unknown) => value]) {
          const store = { load: () => answer(loaded), save: () => answer(saved) } as RecordStore<Account>;
          const source = delivered(of(CREATED), asyncScheduler);
          const ended = await new Promise((resolve) => {
            source.values.pipe(toRecords<Account>({ store })).subscribe({
              next: () => resolve('it emitted'),
              error: resolve,
              complete: () => resolve('it completed'),
            });
          });
          expect(ended).to.include({ code: 'configuration' }).with.property('message').that.matches(message);
          expect(source.settled).to.deep.equal([]);
        }
      });
    }

    it('keeps a failure as the cause, when it resolves with it, bare or in a result', async () => {
      const full = new Error('disk full');
      for (const answer of [full, Err(full)]) {
        const store = { load: () => undefined, save: () => answer } as unknown as RecordStore<Account>;
        const ended = await lastValueFrom(of(CREATED).pipe(toRecords<Account>({ store }))).catch(
          (error: unknown) => error,
        );
        expect(ended).to.include({ code: 'configuration', cause: full });
      }
    });

    it('errors, when it throws or rejects', async () => {
      const failure = new Error('no');
      for (const load of [
        () => {
          throw failure;
        },
        () => Promise.reject(failure),
      ]) {
        const { save } = memoryRecordStore<Account>();
        const ended = new Promise((resolve) => {
          of(CREATED)
            .pipe(toRecords<Account>({ store: { load, save } }))
            .subscribe({ error: resolve });
        });
        expect(await ended).to.equal(failure);
      }
    });

    it('settles nothing that was not saved, when unsubscribed', async () => {
      const { store, events, source, subscription, changes } = start();
      events.next(CREATED);
      await store.answer();
      subscription.unsubscribe();
      await store.answerAll();
      expect([source.settled, changes]).to.deep.equal([[], []]);
    });

    it('is called for one record after the other, or for as many at a time as said', async () => {
      const two = event('CREATE', {}, { recordIds: ['2'] });
      const three = event('CREATE', {}, { recordIds: ['3', '4'] });
      for (const [concurrency, calls] of [
        [undefined, 1],
        [3, 3],
        [Infinity, 4],
      ] as const) {
        const { store, events } = start(concurrency === undefined ? {} : { concurrency });
        [CREATED, two, three, UPDATED].forEach((each) => events.next(each));
        expect(store.pending()).to.equal(calls);
        await store.answerAll();
        expect(store.calls).to.have.length(10);
      }
    });
  });

  it('gives what a model of the records gives, with a store that answers in any order', async () => {
    const ids = fc.uniqueArray(fc.constantFrom('1', '2', '3'), { minLength: 1 });
    const value = fc.option(fc.constantFrom('a', 'b'));
    const change = fc.oneof(
      fc.record({ type: fc.constant<ChangeType>('CREATE'), ids, data: fc.record({ Name: value, City: value }) }),
      fc.record({
        type: fc.constant<ChangeType>('UPDATE'),
        ids,
        data: fc.record({ Name: value, City: value }, { requiredKeys: [] }),
      }),
      fc.record({ type: fc.constant<ChangeType>('DELETE'), ids, data: fc.constant({}) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat()),
        async (changes, concurrency, choices) => {
          const events = changes.map(({ type, ids: recordIds, data }) => event(type, data, { recordIds }));
          const store = memoryRecordStore<Account>();
          const source = delivered(of(...events), asyncScheduler);
          const seen: RecordChange<Account>[] = [];
          source.values.pipe(toRecords<Account>({ store, concurrency })).subscribe((each) => seen.push(each));
          while (store.pending() > 0) await store.answer(choices.next().value % store.pending());
          const expected = events.flatMap(({ header: { recordIds }, id }) =>
            recordIds.map((recordId) => ({ id, recordId })),
          );
          for (const recordId of ['1', '2', '3']) {
            const ofRecord = seen.filter((each) => each.recordId === recordId);
            expect(ofRecord.map(({ id }) => id)).to.deep.equal(
              expected.filter((each) => each.recordId === recordId).map(({ id }) => id),
            );
            const states = modelStates(events.filter(({ header }) => header.recordIds.includes(recordId)));
            expect(ofRecord.map(({ before, after }) => [before, after])).to.deep.equal(states);
            expect(store.records.get(`Account ${recordId}`)?.data).to.deep.equal(states.at(-1)?.[1]);
          }
          expect(source.settled).to.have.length(events.length);
          expect(source.unsettled()).to.deep.equal([]);
          const inMemory = changesOf(events);
          for (const recordId of ['1', '2', '3']) {
            const statesOf = (all: readonly RecordChange<Account>[]) =>
              all.filter((each) => each.recordId === recordId).map(summary);
            expect(statesOf(inMemory)).to.deep.equal(statesOf(seen));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** The states of one record before and after each event. */
function modelStates(events: readonly Event[]): [unknown, unknown][] {
  let state: Partial<Account> | undefined;
  return events.map(({ header, data }) => {
    const before = state;
    state = header.changeType === 'DELETE' ? undefined : header.changeType === 'CREATE' ? data : { ...state, ...data };
    return [before, state];
  });
}
