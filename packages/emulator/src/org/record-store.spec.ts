import { expect } from 'chai';
import fc from 'fast-check';
import { memoryOrg } from '../../test/support/memory-org.js';
import { isWithin, type KeyRange } from '../model/key-range.js';
import { RecordOverlay } from './record-overlay.js';
import { MemoryRecordStore, type RecordReader, type StoredRecord } from './record-store.js';

const IDS = ['001A', '001B', '001C', '001D', '001E'];
const [sample] = sampleRecords();

describe('A store of records', () => {
  it('gives what was put last under each id, in the order of ids, whatever the order of the changes', () => {
    fc.assert(
      fc.property(fc.array(records()), ranges(), fc.boolean(), (puts, range, descending) => {
        const store = storeOf(puts);
        expectSame(store, new Map(puts.map((record) => [record.id, record])), range, descending);
      }),
    );
  });

  it('tells each change with the version before it', () => {
    const told: unknown[] = [];
    const store = new MemoryRecordStore((id, before) => told.push([id, before]));
    const first = recordOf('001A', false);
    store.set(first);
    store.set({ ...first, deleted: true });
    expect(told).to.deep.equal([
      ['001A', undefined],
      ['001A', first],
    ]);
  });

  it('has no records of an object that it has never seen', () => {
    const store = storeOf([recordOf('001A', false)]);
    expect([store.get('003A'), [...store.scan('Contact')], store.count('Contact', true)]).to.deep.equal([
      undefined,
      [],
      0,
    ]);
  });
});

describe('A view of a store with other versions', () => {
  it('gives the versions in place of the records, leaves out those that are not there, and adds new ones', () => {
    const versions = fc.dictionary(fc.constantFrom(...IDS), fc.option(fc.boolean(), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(records()), versions, ranges(), fc.boolean(), (puts, changed, range, descending) => {
        const expected = new Map(puts.map((record) => [record.id, record]));
        const overlay = new Map<string, StoredRecord | undefined>();
        for (const [id, deleted] of Object.entries(changed)) {
          overlay.set(id, deleted === undefined ? undefined : recordOf(id, deleted));
          if (deleted === undefined) expected.delete(id);
          else expected.set(id, recordOf(id, deleted));
        }
        expectSame(new RecordOverlay(storeOf(puts), () => overlay), expected, range, descending);
      }),
    );
  });
});

function expectSame(
  reader: RecordReader,
  expected: ReadonlyMap<string, StoredRecord>,
  range: KeyRange,
  descending: boolean,
): void {
  const inOrder = IDS.flatMap((id) => expected.get(id) ?? []);
  const inRange = inOrder.filter(({ id }) => isWithin(id, range));
  expect([...reader.scan('Account', range, descending)]).to.deep.equal(descending ? inRange.reverse() : inRange);
  expect(IDS.map((id) => reader.get(id))).to.deep.equal(IDS.map((id) => expected.get(id)));
  expect(reader.count('Account', true)).to.equal(inOrder.length);
  expect(reader.count('Account', false)).to.equal(inOrder.filter(({ deleted }) => !deleted).length);
}

function storeOf(records: readonly StoredRecord[]): MemoryRecordStore {
  const store = new MemoryRecordStore();
  records.forEach((record) => store.set(record));
  return store;
}

function records(): fc.Arbitrary<StoredRecord> {
  return fc.tuple(fc.constantFrom(...IDS), fc.boolean()).map(([id, deleted]) => recordOf(id, deleted));
}

function ranges(): fc.Arbitrary<KeyRange> {
  const bound = fc.record({ id: fc.constantFrom(...IDS, '001', '001BB'), inclusive: fc.boolean() });
  return fc.record({ from: bound, to: bound }, { requiredKeys: [] });
}

function recordOf(id: string, deleted: boolean): StoredRecord {
  return { ...sample, id, deleted };
}

function sampleRecords(): [StoredRecord] {
  const { org } = memoryOrg();
  org.create('Account', { Name: 'a' });
  return org.storedRecords('Account') as [StoredRecord];
}
