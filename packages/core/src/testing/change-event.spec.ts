import { expect } from 'chai';
import { ConfigurationError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import { changeEvent, platformEvent } from './change-event.js';

interface Lead {
  Name: string | null;
  Amount: number | null;
}

describe('changeEvent', () => {
  it('makes a CREATE of an Account, when nothing is said', () => {
    const { header, topic, data } = changeEvent();
    expect([header.changeType, header.entityName, topic, data]).to.deep.equal([
      'CREATE',
      'Account',
      '/data/AccountChangeEvent',
      {},
    ]);
    expect([header.changedFields, header.nulledFields, header.diffFields]).to.deep.equal([[], [], []]);
    expect(header.recordIds).to.have.length(1);
  });

  it('gives each event an id and a position of its own', () => {
    const [first, second] = [changeEvent(), changeEvent()];
    expect(first.id).not.to.equal(second.id);
    expect(first.replayId.equals(second.replayId)).to.equal(false);
  });

  it('takes the fields of an UPDATE for changed, and its nulls for values', () => {
    const { header, data } = changeEvent<Lead>({ changeType: 'UPDATE', data: { Name: null, Amount: 5 } });
    expect([header.changedFields, header.nulledFields]).to.deep.equal([['Name', 'Amount'], ['Name']]);
    expect(data).to.deep.equal({ Name: null, Amount: 5 });
  });

  it('names the children of a compound, and a compound that is nulled by itself', () => {
    const { header } = changeEvent({
      changeType: 'UPDATE',
      data: { BillingAddress: { City: 'Oslo', Street: null }, ShippingAddress: null },
    });
    expect(header.changedFields).to.deep.equal(['BillingAddress.City', 'BillingAddress.Street', 'ShippingAddress']);
    expect(header.nulledFields).to.deep.equal(['BillingAddress.Street', 'ShippingAddress']);
  });

  it('takes what is said about the fields of an UPDATE', () => {
    const { header } = changeEvent<Lead>({
      changeType: 'UPDATE',
      data: { Name: null, Amount: 5 },
      changedFields: ['Amount'],
    });
    expect([header.changedFields, header.nulledFields]).to.deep.equal([['Amount'], []]);
  });

  it('takes all else as it is', () => {
    const replayId = ReplayId.parse('AAAA');
    const event = changeEvent({
      entityName: 'Employee__c',
      recordIds: ['a', 'b'],
      transactionKey: 'tx',
      commitNumber: 2n ** 60n,
      id: 'mine',
      replayId,
      schemaId: 'own',
    });
    expect(event).to.deep.include({ id: 'mine', replayId, schemaId: 'own', topic: '/data/Employee__ChangeEvent' });
    expect(event.header).to.deep.include({ recordIds: ['a', 'b'], transactionKey: 'tx', commitNumber: 2n ** 60n });
  });

  it('lets a channel be the topic', () => {
    expect(changeEvent({ topic: '/data/ChangeEvents', entityName: 'Lead' }).topic).to.equal('/data/ChangeEvents');
  });
});

describe('platformEvent', () => {
  it('makes an event with its data', () => {
    const { topic, data, id } = platformEvent('/event/Order__e', { Number__c: 1 }, { id: 'mine' });
    expect([topic, data, id]).to.deep.equal(['/event/Order__e', { Number__c: 1 }, 'mine']);
  });

  it('refuses a topic that carries no platform events', () => {
    expect(() => platformEvent('/data/AccountChangeEvent', {})).to.throw(ConfigurationError);
  });
});
