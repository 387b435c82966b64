import { expect } from 'chai';
import fc from 'fast-check';
import { asyncScheduler, of } from 'rxjs';
import type { ChangeType } from '@rxforce/core/model';
import { delivered } from '@rxforce/core/testing';
import { memoryRecordStore } from '../test/support/memory-record-store.js';
import { toRecords, type RecordChange } from './to-records.js';
import { type Account, changesOf, type Event, event, summary } from '../test/support/kept-records.js';

describe('toRecords', () => {
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
