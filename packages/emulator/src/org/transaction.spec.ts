import { expect } from 'chai';
import { memoryOrg } from '../../test/support/memory-org.js';
import type { MemoryOrg } from './org.js';
import type { RecordOperations } from './transaction.js';

const LATER = 5000;

describe('A transaction whose function throws', () => {
  it('takes no more changes', () => {
    const { org } = memoryOrg();
    let kept: RecordOperations | undefined;
    const failing = (): void =>
      org.transaction((tx) => {
        kept = tx;
        throw new Error('no');
      });
    expect(failing).to.throw('no');
    expect(() => kept?.create('Account', { Name: 'a' })).to.throw('This transaction has ended');
  });
});

describe('A transaction that changes a record several times', () => {
  it('makes one CREATE with the values at its end, when the record is new', () => {
    const { org, events } = memoryOrg();
    const id = org.transaction((tx) => {
      const created = tx.create('Account', { Name: 'a', Phone: '1', BillingAddress: { City: 'Oslo' } });
      tx.update('Account', created, { Phone: null, Fax: '2', BillingAddress: { Street: 'Main' } });
      tx.update('Account', created, { Name: 'b' });
      return created;
    });
    const [{ header, data }, ...others] = events() as [ReturnType<typeof events>[0]];
    expect(others).to.deep.equal([]);
    expect(header).to.deep.include({ changeType: 'CREATE', recordIds: [id], changedFields: [], sequenceNumber: 1 });
    expect(data).to.deep.include({ Name: 'b', Fax: '2' }).and.not.have.property('Phone');
    expect(data.BillingAddress).to.deep.include({ Street: 'Main', City: 'Oslo' });
  });

  it('makes one UPDATE of all fields that are other than before, when the record was there', () => {
    const { org, events, clock } = memoryOrg();
    const id = org.create('Account', { Name: 'a', Phone: '1', Fax: '2', Site: 's', BillingAddress: { City: 'Oslo' } });
    clock.time += LATER;
    org.transaction((tx) => {
      tx.update('Account', id, { Phone: '3', Fax: '9', Site: null, BillingAddress: { City: 'Lyon' } });
      tx.update('Account', id, { Phone: '4', Fax: '2', BillingAddress: { Street: 'Main', City: 'Oslo' } });
    });
    const { header, data } = events().at(-1)!;
    expect(events()).to.have.length(2);
    expect(namesOf(org, header.nulledFields)).to.deep.equal(['Site']);
    expect(namesOf(org, header.changedFields)).to.deep.equal(['Phone', 'Site', 'LastModifiedDate', 'BillingAddress/0']);
    expect(data).to.deep.include({ Phone: '4', LastModifiedDate: clock.time });
    expect(data.BillingAddress).to.include({ Street: 'Main', City: null });
    expect(org.record('Account', id)).to.deep.include({ Phone: '4', Fax: '2' });
  });

  it('compares a large text with what it was before the transaction', () => {
    const { org, events } = memoryOrg();
    const lines = (first: string) =>
      [first, ...Array.from({ length: 200 }, (_line, index) => `line ${index}`)].join('\n');
    const id = org.create('Account', { Name: 'a', Description: lines('one') });
    org.transaction((tx) => {
      tx.update('Account', id, { Description: 'short' });
      tx.update('Account', id, { Description: lines('two') });
    });
    expect(events().at(-1)!.data.Description).to.match(/@@ -1,1 \+1,1 @@\n-one\n\+two$/);
  });

  it('takes a compound as it is in the end, when it was emptied or exchanged on the way', () => {
    const { org, events } = memoryOrg();
    const id = org.create('Account', { Name: { LastName: 'a' }, BillingAddress: { City: 'Oslo', Street: 'Main' } });
    org.transaction((tx) => {
      tx.update('Account', id, { BillingAddress: null, Name: 'Company' });
      tx.update('Account', id, { BillingAddress: { City: 'Lyon' }, Name: { LastName: 'b' } });
    });
    const { header, data } = events().at(-1)!;
    expect(namesOf(org, header.changedFields)).to.deep.equal([
      'LastModifiedDate',
      'Name/2',
      'BillingAddress/0',
      'BillingAddress/1',
    ]);
    expect(namesOf(org, header.nulledFields)).to.deep.equal(['BillingAddress/0']);
    expect(data.Name).to.include({ LastName: 'b' });
    org.transaction((tx) => {
      tx.update('Account', id, { BillingAddress: { Street: 'Main' } });
      tx.update('Account', id, { BillingAddress: null });
    });
    expect(namesOf(org, events().at(-1)!.header.nulledFields)).to.deep.equal(['BillingAddress']);
  });

  it('keeps the type of the first change, whatever follows', () => {
    type Change = (tx: RecordOperations, id: string) => void;
    const update: Change = (tx, id) => tx.update('Account', id, { Phone: '1' });
    const remove: Change = (tx, id) => tx.delete('Account', id);
    const restore: Change = (tx, id) => tx.undelete('Account', id);
    const cases: readonly (readonly [boolean, readonly Change[], string])[] = [
      [false, [update, remove], 'UPDATE'],
      [false, [remove, restore], 'DELETE'],
      [true, [restore, update], 'UNDELETE'],
      [true, [restore, remove], 'UNDELETE'],
    ];
    for (const [isDeleted, changes, changeType] of cases) {
      const { org, events } = memoryOrg();
      const id = org.create('Account', { Name: 'a' });
      if (isDeleted) org.delete('Account', id);
      const before = events().length;
      org.transaction((tx) => changes.forEach((change) => change(tx, id)));
      expect(
        events()
          .slice(before)
          .map(({ header }) => header.changeType),
      ).to.deep.equal([changeType]);
    }
  });

  it('makes one event of several records, when the same became of them in the end', () => {
    const { org, events } = memoryOrg();
    const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    org.transaction((tx) => {
      tx.update('Account', a, { Phone: '1' });
      tx.update('Account', b, { Phone: '9' });
      tx.update('Account', b, { Phone: '1' });
    });
    expect(
      events()
        .slice(2)
        .map(({ header }) => header.recordIds),
    ).to.deep.equal([[a, b]]);
    expect(events().at(-1)!.data).to.include({ Phone: '1' });
  });
});

describe('A transaction with more changes than have events of their own', () => {
  it('counts a creation as one, and gives one overflow event for each object after that', () => {
    const { org, events } = memoryOrg({ maxChangesPerTransaction: 5 });
    org.transaction((tx) => {
      for (let index = 0; index < 7; index++) tx.create('Account', { Name: `account ${index}`, Phone: '1', Fax: '2' });
      tx.create('Contact', { Name: { LastName: 'c' } });
    });
    const reported = events().map(({ header }) => [header.entityName, header.changeType, header.sequenceNumber]);
    expect(reported.slice(0, 5).map(([, changeType]) => changeType)).to.deep.equal(Array(5).fill('CREATE'));
    expect(reported.slice(5)).to.deep.equal([
      ['Account', 'GAP_OVERFLOW', 6],
      ['Contact', 'GAP_OVERFLOW', 7],
    ]);
    expect(events().at(-1)!.header.recordIds).to.deep.equal(['000000000000000AAA']);
  });

  it('counts each field that an update changes, but not what the org itself writes', () => {
    for (const [most, expected] of [
      [7, ['UPDATE', 'UPDATE', 'UPDATE']],
      [6, ['UPDATE', 'UPDATE', 'UPDATE', 'GAP_OVERFLOW']],
      [5, ['UPDATE', 'GAP_OVERFLOW']],
    ] as const) {
      const { org, events } = memoryOrg({ maxChangesPerTransaction: most });
      const ids = ['a', 'b', 'c'].map((Name) => org.create('Account', { Name }));
      org.transaction((tx) => {
        tx.update('Account', ids[0]!, { Phone: '1', Fax: '2', BillingAddress: { City: 'Oslo' } });
        tx.update('Account', ids[1]!, { Phone: '3', Fax: '4', Site: '5' });
        tx.update('Account', ids[2]!, {});
      });
      expect(
        events()
          .slice(3)
          .map(({ header }) => header.changeType),
      ).to.deep.equal(expected);
    }
  });
});

describe('A geolocation', () => {
  const site = { Latitude: 59.9, Longitude: 10.7 };

  it('comes with all its parts, when one of them changes on a custom object', () => {
    const { org, events } = memoryOrg();
    org.createObject('Depot__c', { fields: { Place__c: 'Location' } });
    for (const [name, field, position] of [
      ['Project__c', 'Site__c', 12],
      ['Depot__c', 'Place__c', 7],
    ] as const) {
      const id = org.create(name, { Name: 'a', [field]: site });
      expect(events().at(-1)!.data[field]).to.deep.equal(site);
      org.update(name, id, { [field]: { Latitude: 60 } });
      const { header, data } = events().at(-1)!;
      expect(data[field]).to.deep.equal({ Latitude: 60, Longitude: 10.7 });
      expect(header.changedFields.slice(1)).to.deep.equal([`${position}-0x03`]);
      org.update(name, id, { [field]: { ...site, Latitude: 60 } });
      expect(events().at(-1)!.data).to.have.all.keys('LastModifiedDate');
      org.update(name, id, { [field]: { Latitude: null, Longitude: null } });
      expect(events().at(-1)!.header.nulledFields.map(BigInt)).to.deep.equal([1n << BigInt(position)]);
      expect(org.record(name, id)).to.not.have.property(field);
    }
  });

  it('comes with the part that changed, on a standard object', () => {
    const { org, events } = memoryOrg();
    const id = org.create('Account', { Name: 'a', Headquarters__c: site });
    org.update('Account', id, { Headquarters__c: { Longitude: 11 } });
    expect(events().at(-1)!.data.Headquarters__c).to.deep.equal({ Latitude: null, Longitude: 11 });
  });
});

/** Fields of Account by the bits that name them; `Compound/child` for a part. */
function namesOf(org: MemoryOrg, bitmaps: readonly string[]): string[] {
  const { fields } = org.entities()[0]!;
  return bitmaps.flatMap((bitmap) => {
    const [bits, parent] = bitmap.split('-').reverse() as [string, string?];
    const places = Array.from(BigInt(bits).toString(2))
      .reverse()
      .flatMap((bit, place) => (bit === '1' ? [place] : []));
    return places.map((place) =>
      parent === undefined ? (fields[place - 1] ?? '') : `${fields[Number(parent) - 1] ?? ''}/${place}`,
    );
  });
}
