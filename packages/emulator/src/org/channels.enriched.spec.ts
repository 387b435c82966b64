import { expect } from 'chai';
import { AT, CHANNEL, emptyAddress, setUp } from '../../test/support/channel-org.js';

describe('a custom channel with enriched fields', () => {
  const member = { entity: 'Account', enrichedFields: ['Industry', 'ERP_Key__c', 'BillingAddress'] };

  it('adds them to updates and deletions, and names none of them as changed', () => {
    const { org, on, channel } = setUp(member);
    const BillingAddress = { City: 'Oslo' };
    const id = org.create('Account', { Name: 'a', Industry: 'Energy', ERP_Key__c: '7', BillingAddress });
    org.update('Account', id, { Phone: '1' });
    org.delete('Account', id);
    const added = { Industry: 'Energy', ERP_Key__c: '7', BillingAddress: { ...emptyAddress(), City: 'Oslo' } };
    const [, updated, deleted] = channel();
    expect(updated!.data).to.deep.equal({ ...added, Phone: '1', LastModifiedDate: AT });
    expect(deleted!.data).to.deep.equal(added);
    const plain = on('/data/AccountChangeEvent');
    expect(channel().map(({ header }) => header)).to.deep.equal(plain.map(({ header }) => header));
    expect(channel().map(({ id: eventId }) => eventId)).to.deep.equal(plain.map(({ id: eventId }) => eventId));
    expect(plain.map(({ data }) => data.Industry)).to.deep.equal(['Energy', undefined, undefined]);
  });

  it('leaves events as they are that carry all values or none: creations, undeletions, gaps and overflows', () => {
    const { org, on, channel } = setUp(member);
    const ids = org.create('Account', [
      { Name: 'a', Industry: 'Energy' },
      { Name: 'a', Industry: 'Energy' },
    ]);
    org.transaction((tx) => tx.update('Account', ids, { Phone: '1' }), { asGaps: true });
    org.transaction((tx) => tx.delete('Account', ids), { asGaps: true });
    org.undelete('Account', ids);
    org.transaction((tx) => {
      for (let index = 0; index < 6; index++) tx.create('Account', { Name: 'b' });
    });
    const types = channel().map(({ header }) => `${header.changeType} ${header.recordIds.length}`);
    expect(types).to.deep.equal([
      'CREATE 2',
      'GAP_UPDATE 2',
      'GAP_DELETE 2',
      'UNDELETE 2',
      'CREATE 5',
      'GAP_OVERFLOW 1',
    ]);
    expect(channel()).to.deep.equal(on('/data/AccountChangeEvent'));
  });

  it('sends one event for each record under one replay id, where others get one event for all', () => {
    const { org, on, channel, bus } = setUp(member, { entity: 'Lead' });
    const ids = org.create('Account', [
      { Name: 'a', Industry: 'Energy' },
      { Name: 'b', Industry: 'Retail' },
      { Name: 'c' },
    ]);
    org.update('Account', ids, { Phone: '1' });
    org.create('Lead', { Company: 'l' });
    const merged = on('/data/AccountChangeEvent').at(-1)!;
    expect(merged.header.recordIds).to.deep.equal(ids);
    const single = channel().slice(3, 6);
    expect(single.map(({ header }) => header)).to.deep.equal(ids.map((id) => ({ ...merged.header, recordIds: [id] })));
    expect(single.map(({ data }) => data)).to.deep.equal([
      { Phone: '1', LastModifiedDate: AT, Industry: 'Energy' },
      { Phone: '1', LastModifiedDate: AT, Industry: 'Retail' },
      { Phone: '1', LastModifiedDate: AT },
    ]);
    expect(single.map(({ replayId }) => replayId)).to.deep.equal(Array(3).fill(merged.replayId));
    expect(new Set(channel().map(({ id }) => id)).size).to.equal(7);
    // Who comes with the shared replay id starts behind all of them.
    const topic = bus.topic(CHANNEL)!;
    const behind = bus.eventsAfter(topic, bus.locate(topic, Buffer.from(merged.replayId, 'base64'))!, 10);
    expect(behind.map(({ id }) => id)).to.deep.equal([channel().at(-1)!.id]);
  });

  it('gives each of several channels its own fields, and the same event ids', () => {
    const { org, on, channel } = setUp(member);
    org.createChannel('Ops__chn', { members: [{ entity: 'Account', enrichedFields: ['Name'] }] });
    const ids = org.create('Account', [
      { Name: 'a', Industry: 'Energy' },
      { Name: 'b', Industry: 'Energy' },
    ]);
    org.delete('Account', ids);
    const [sales, ops] = [channel().slice(2), on('/data/Ops__chn').slice(2)];
    expect(sales.map(({ data }) => data)).to.deep.equal([{ Industry: 'Energy' }, { Industry: 'Energy' }]);
    expect(ops.map(({ data }) => data)).to.deep.equal([{ Name: 'a' }, { Name: 'b' }]);
    expect(ops.map(({ id }) => id)).to.deep.equal(sales.map(({ id }) => id));
  });

  it('tells what an event says has changed, also when that was emptied or has changed again since', () => {
    const { org, channel } = setUp(member);
    const id = org.create('Account', { Name: 'a', Industry: 'Energy', ERP_Key__c: '7' });
    org.update('Account', id, { Industry: 'Retail', ERP_Key__c: null });
    org.update('Account', id, { Industry: 'Banking', ERP_Key__c: '8' });
    const [, first, second] = channel();
    expect(first!.data).to.deep.equal({ Industry: 'Retail', LastModifiedDate: AT });
    expect(second!.data).to.deep.equal({ Industry: 'Banking', ERP_Key__c: '8', LastModifiedDate: AT });
  });

  it('adds what the record holds when the event is delivered, when it is replayed later', () => {
    const { org, channel } = setUp(member);
    const id = org.create('Account', { Name: 'a', Industry: 'Energy' });
    org.update('Account', id, { Phone: '1' });
    expect(channel()[1]!.data).to.include({ Industry: 'Energy' });
    org.update('Account', id, { Industry: 'Retail' });
    expect(channel()[1]!.data).to.deep.equal({ Phone: '1', Industry: 'Retail', LastModifiedDate: AT });
    org.delete('Account', id);
    expect(channel()[1]!.data).to.include({ Industry: 'Retail' });
  });

  it('adds the other parts, when only some parts of an enriched compound changed', () => {
    const { org, channel } = setUp({ entity: 'Account', enrichedFields: ['BillingAddress', 'Name'] });
    const BillingAddress = { Street: 'Main', City: 'Oslo', State: 'X' };
    const id = org.create('Account', { Name: { FirstName: 'Ada', LastName: 'Abel' }, BillingAddress });
    org.update('Account', id, { BillingAddress: { City: 'Lyon', State: null }, Name: { LastName: 'Bell' } });
    const { header, data } = channel()[1]!;
    expect(header.changedFields).to.deep.equal(['0x800000', '1-0x04', '5-0x06']);
    expect(data.BillingAddress).to.deep.equal({ ...emptyAddress(), Street: 'Main', City: 'Lyon' });
    expect(data.Name).to.deep.equal({ Salutation: null, FirstName: 'Ada', LastName: 'Bell' });
    org.update('Account', id, { Name: 'Abel Ltd', BillingAddress: null });
    expect(channel()[1]!.data.Name).to.deep.equal({ Salutation: null, FirstName: null, LastName: 'Bell' });
    expect(channel()[1]!.data.BillingAddress).to.deep.equal({ ...emptyAddress(), City: 'Lyon' });
    expect(channel()[2]!.data).to.deep.equal({ Name: 'Abel Ltd', LastModifiedDate: AT });
  });

  it('takes other fields, when a member was removed and added again; what is on the channel keeps its own', () => {
    const { org, channel } = setUp(member);
    const id = org.create('Account', { Name: 'a', Industry: 'Energy', Phone: '1' });
    org.update('Account', id, { Fax: '1' });
    org.removeChannelMember('Sales__chn', 'Account');
    org.addChannelMember('Sales__chn', { entity: 'Account', enrichedFields: ['Phone'] });
    org.update('Account', id, { Fax: '2' });
    expect(
      channel()
        .slice(1)
        .map(({ data }) => [data.Industry, data.Phone]),
    ).to.deep.equal([
      ['Energy', undefined],
      [undefined, '1'],
    ]);
  });

  it('takes every field of a type that the service adds', () => {
    const { org } = setUp();
    const enrichedFields = ['Name', 'Type', 'OwnerId', 'BillingAddress', 'Phone', 'Website', 'AnnualRevenue'];
    const custom = ['Headquarters__c', 'Renewal_Date__c', 'Key_Account__c'];
    const entity = 'Account';
    org.addChannelMember('Sales__chn', { entity, enrichedFields: [...enrichedFields, ...custom] });
    expect(org.channels()[0]!.members[0]!.enrichedFields).to.have.length(10);
  });
});
