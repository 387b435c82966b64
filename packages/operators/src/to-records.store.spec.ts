import { expect } from 'chai';
import { asyncScheduler, EMPTY, lastValueFrom, of, Subject } from 'rxjs';
import { Err, Ok } from '@rxforce/core/model';
import { delivered } from '@rxforce/core/testing';
import { memoryRecordStore } from '../test/support/memory-record-store.js';
import type { RecordStore } from './records/record-store.js';
import { toRecords, type RecordChange, type ToRecordsOptions } from './to-records.js';
import {
  type Account,
  CREATED,
  DELETED,
  type Event,
  event,
  GAP,
  summary,
  UPDATED,
} from '../test/support/kept-records.js';

describe('toRecords', () => {
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
});
