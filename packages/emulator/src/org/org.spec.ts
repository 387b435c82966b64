import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import type { Decoded } from '../../test/support/decoding.js';
import { AT, memoryOrg as setUp, USER } from '../../test/support/memory-org.js';
import { emptyAddress } from '../../test/support/channel-org.js';

describe('Org', () => {
  it('carries all values and names no changed fields, when a record is created', () => {
    const { org, events } = setUp();
    const BillingAddress = { City: 'Oslo', Latitude: 59.9 };
    const id = org.create('Account', { Name: 'Abel', AnnualRevenue: 5.5, NumberOfEmployees: 7, BillingAddress });
    const [{ header, data }] = events() as [Decoded];
    expect(header).to.deep.include({ entityName: 'Account', recordIds: [id], changeType: 'CREATE', commitUser: USER });
    expect(header).to.deep.include({ changedFields: [], nulledFields: [], diffFields: [], sequenceNumber: 1 });
    expect(data).to.deep.equal({
      Name: 'Abel',
      AnnualRevenue: 5.5,
      NumberOfEmployees: 7,
      BillingAddress: { ...emptyAddress(), ...BillingAddress },
      CleanStatus: 'Pending',
      Key_Account__c: false,
      OwnerId: USER,
      CreatedDate: AT,
      CreatedById: USER,
      LastModifiedDate: AT,
      LastModifiedById: USER,
    });
  });

  it('has a custom checkbox as false, when a record is created without it or with null', () => {
    const { org, events } = setUp();
    org.createObject('Parcel__c', { fields: { Sent__c: 'Boolean', Lost__c: 'Boolean', Weight__c: 'Double' } });
    const id = org.create('Parcel__c', { Name: 'a', Lost__c: null });
    expect(events()[0]!.data).to.include({ Sent__c: false, Lost__c: false }).and.not.have.property('Weight__c');
    org.update('Parcel__c', id, { Sent__c: true });
    org.update('Parcel__c', id, { Sent__c: null });
    const { header, data } = events().at(-1)!;
    expect(header.nulledFields).to.deep.equal([]);
    expect(data).to.include({ Sent__c: false });
    expect(org.record('Parcel__c', id)).to.include({ Sent__c: false });
  });

  it('carries the changed fields only and names them, when a record is updated', () => {
    const { org, events, clock } = setUp();
    const id = org.create('Account', { Name: 'Abel', Phone: '1', Industry: 'Energy' });
    clock.time = AT + 60_999;
    org.update('Account', id, { Phone: '2', Industry: 'Energy' });
    const { header, data } = events().at(-1)!;
    expect(header).to.deep.include({ changeType: 'UPDATE', recordIds: [id], commitTimestamp: AT + 60_000 });
    // Phone is field 7 and LastModifiedDate field 23. What was set to the value it had is not there.
    expect(header).to.deep.include({ changedFields: ['0x800080'], nulledFields: [] });
    expect(data).to.deep.equal({ Phone: '2', LastModifiedDate: AT + 60_000 });
  });

  it('names LastModifiedDate alone, when an update changes nothing', () => {
    const { org, events } = setUp();
    const id = org.create('Account', { Name: 'Abel' });
    org.update('Account', id, { Name: 'Abel' });
    expect(events().at(-1)).to.deep.include({ data: { LastModifiedDate: AT } });
    expect(events().at(-1)!.header.changedFields).to.deep.equal(['0x800000']);
  });

  it('names LastModifiedById too, when another user makes the change', () => {
    const { org, events } = setUp();
    const user = '005Hs0000000002AAA';
    const id = org.create('Account', { Name: 'Abel' });
    org.transaction((tx) => tx.update('Account', id, {}), { user, origin: 'com/test' });
    const { header, data } = events().at(-1)!;
    expect(header).to.deep.include({ changedFields: ['0x01800000'], commitUser: user, changeOrigin: 'com/test' });
    expect(data).to.deep.equal({ LastModifiedDate: AT, LastModifiedById: user });
  });

  it('names a nulled field among the changed ones too, when a field is emptied', () => {
    const { org, events } = setUp();
    const id = org.create('Account', { Name: 'Abel', Phone: '1' });
    org.update('Account', id, { Phone: null, Fax: null });
    const { header, data } = events().at(-1)!;
    expect(header).to.deep.include({ changedFields: ['0x800080'], nulledFields: ['0x80'] });
    expect(data).to.deep.equal({ LastModifiedDate: AT });
    expect(org.record('Account', id)).to.not.have.property('Phone');
  });

  it('names the parts of a compound, when some of them change', () => {
    const { org, events } = setUp();
    const id = org.create('Account', { Name: 'Abel', BillingAddress: { Street: 'Main', City: 'Oslo', State: 'X' } });
    org.update('Account', id, { BillingAddress: { City: 'Lyon', State: null, Street: 'Main' } });
    const { header, data } = events().at(-1)!;
    expect(header).to.deep.include({ changedFields: ['0x800000', '5-0x06'], nulledFields: ['5-0x04'] });
    expect(data.BillingAddress).to.deep.equal({ ...emptyAddress(), City: 'Lyon' });
    expect(org.record('Account', id).BillingAddress).to.deep.equal({ Street: 'Main', City: 'Lyon' });
  });

  it('names the compound itself, when all of its parts are emptied at once', () => {
    for (const emptied of [null, { Street: null, City: null }]) {
      const { org, events } = setUp();
      const id = org.create('Account', { Name: 'Abel', BillingAddress: { Street: 'Main', City: 'Oslo' } });
      org.update('Account', id, { BillingAddress: emptied });
      const { header, data } = events().at(-1)!;
      expect(header).to.deep.include({ changedFields: ['0x800020'], nulledFields: ['0x20'] });
      expect(data).to.not.have.property('BillingAddress');
      expect(org.record('Account', id)).to.not.have.property('BillingAddress');
    }
  });

  it('takes a text or a record as the name of an account, when it is a company or a person', () => {
    const { org, events } = setUp();
    const id = org.create('Account', { Name: { FirstName: 'Ada', LastName: 'Abel' } });
    expect(events()[0]!.data.Name).to.deep.equal({ Salutation: null, FirstName: 'Ada', LastName: 'Abel' });
    org.update('Account', id, { Name: 'Abel Ltd' });
    expect(events()[1]!.header.changedFields).to.deep.equal(['0x800002']);
    expect(org.record('Account', id).Name).to.equal('Abel Ltd');
  });

  it('carries nothing, when a record is deleted, and everything, when it is undeleted', () => {
    const { org, events, clock } = setUp();
    const id = org.create('Contact', { Name: { LastName: 'Abel' }, Birthdate: new Date(0) });
    org.delete('Contact', id);
    clock.time += 5000;
    org.undelete('Contact', id);
    const [created, deleted, undeleted] = events();
    expect(deleted).to.deep.include({ data: {} });
    expect(deleted!.header).to.deep.include({ changeType: 'DELETE', recordIds: [id], changedFields: [] });
    expect(undeleted!.header).to.include({ changeType: 'UNDELETE' });
    expect(undeleted!.data).to.deep.equal({ ...created!.data, LastModifiedDate: AT + 5000 });
  });

  it('merges records into one event, when one call changes them in the same way', () => {
    const { org, events } = setUp();
    const ids = org.create('Lead', [{ Company: 'a' }, { Company: 'b' }, { Company: 'c' }]);
    org.update('Lead', ids, { Status: 'Working - Contacted' });
    org.delete('Lead', ids);
    const [updated, deleted] = events().slice(3);
    expect(events()).to.have.length(5);
    expect(updated!.header).to.deep.include({ changeType: 'UPDATE', recordIds: ids });
    expect(updated!.data).to.deep.equal({ Status: 'Working - Contacted', LastModifiedDate: AT });
    expect(deleted!.header).to.deep.include({ changeType: 'DELETE', recordIds: ids });
  });

  it('splits what records have in common from what they have not, when a transaction changes them differently', () => {
    const { org, events } = setUp();
    const [first, second] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    org.transaction((tx) => {
      tx.update('Account', first, { Phone: '1', Fax: '3' });
      tx.update('Account', second, { Phone: '2' });
    });
    const updates = events().slice(2);
    expect(updates.map(({ header, data }) => [header.sequenceNumber, header.recordIds, data])).to.deep.equal([
      [1, [first, second], { LastModifiedDate: AT }],
      [2, [first], { Phone: '1', Fax: '3' }],
      [3, [second], { Phone: '2' }],
    ]);
  });

  it('gives one key to all events, when a transaction changes several objects', () => {
    const { org, events } = setUp();
    org.transaction((tx) => {
      const AccountId = tx.create('Account', { Name: 'a' });
      tx.create('Contact', { Name: { LastName: 'b' }, AccountId });
    });
    org.create('Account', { Name: 'c' });
    const headers = events().map(({ header }) => header);
    expect(headers.map(({ sequenceNumber }) => sequenceNumber)).to.deep.equal([1, 2, 1]);
    expect(new Set(headers.map(({ transactionKey }) => transactionKey)).size).to.equal(2);
    expect(headers[0]!.commitNumber).to.equal(headers[1]!.commitNumber);
    expect(headers[2]!.commitNumber > headers[1]!.commitNumber).to.equal(true);
    expect(headers[0]!.commitNumber > BigInt(Number.MAX_SAFE_INTEGER)).to.equal(true);
  });

  it('changes nothing and publishes nothing, when a transaction throws', () => {
    const { org, events } = setUp();
    const id = org.create('Account', { Name: 'a' });
    const work = () =>
      org.transaction((tx) => {
        tx.update('Account', id, { Name: 'b' });
        tx.delete('Account', id);
        throw new Error('no');
      });
    expect(work).to.throw('no');
    expect(org.record('Account', id)).to.include({ Id: id, Name: 'a' });
    expect(events()).to.have.length(1);
  });

  it('publishes nothing, when a transaction changes nothing', () => {
    const { org, events } = setUp();
    expect(org.transaction(() => 'done')).to.equal('done');
    expect(events()).to.be.empty;
  });

  it('finds a record, when its id has 15 characters', () => {
    const { org } = setUp();
    const id = org.create('Account', { Name: 'a' });
    org.update('Account', id.slice(0, 15), { Name: 'b' });
    expect(org.record('Account', id)).to.include({ Id: id, Name: 'b' });
  });

  it('lists the records that are not deleted, in the order they were created in', () => {
    const { org } = setUp();
    const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    org.create('Lead', { Company: 'l' });
    org.transaction((tx) => {
      tx.update('Account', a, { Phone: '1' });
      tx.create('Account', { Name: 'c' });
      tx.delete('Account', b);
    });
    expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['a', 'c']);
    expect(org.records('Account')[0]).to.deep.equal(org.record('Account', a));
    org.undelete('Account', b);
    expect(org.records('Account').map(({ Name }) => Name)).to.deep.equal(['a', 'b', 'c']);
    expect(() => org.records('Acount')).to.throw(ConfigurationError, 'no object "Acount"');
  });

  it('shows deleted records too, to those who look behind it, under ids of 15 and 18 characters', () => {
    const { org } = setUp();
    const [a, b] = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]) as [string, string];
    org.delete('Account', a);
    expect(org.storedRecords('Account').map(({ id, deleted }) => [id, deleted])).to.deep.equal([
      [a, true],
      [b, false],
    ]);
    expect(org.storedRecord(a)).to.deep.include({ id: a, deleted: true });
    expect(org.storedRecord(a.slice(0, 15))).to.equal(org.storedRecord(a));
    expect(org.storedRecord('001000000000000')).to.equal(undefined);
  });

  it('gives the table of fields of an object, when asked', () => {
    const { org } = setUp();
    expect(org.entityDefinition('Lead')).to.deep.include({ name: 'Lead', keyPrefix: '00Q' });
    const { length } = org.entityDefinition('Lead').fields;
    org.addField('Lead');
    expect(org.entityDefinition('Lead').fields).to.have.length(length + 1);
    expect(() => org.entityDefinition('Leed')).to.throw(ConfigurationError, 'no object "Leed"');
  });

  it('describes its objects, when asked', () => {
    const entities = setUp().org.entities();
    expect(entities.map(({ name, topic, keyPrefix }) => [name, topic, keyPrefix])).to.deep.equal([
      ['Account', '/data/AccountChangeEvent', '001'],
      ['Contact', '/data/ContactChangeEvent', '003'],
      ['Lead', '/data/LeadChangeEvent', '00Q'],
      ['Opportunity', '/data/OpportunityChangeEvent', '006'],
      ['Project__c', '/data/Project__ChangeEvent', 'a00'],
    ]);
    expect(entities[0]!.fields).to.include.members(['Name', 'BillingAddress', 'Headquarters__c']);
  });
});
