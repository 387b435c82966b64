import { expect } from 'chai';
import { changeEvent, platformEvent } from '../testing/change-event.js';
import { changesOf } from './changes-of.js';
import type { ChangeType } from './events.js';

describe('changesOf', () => {
  it('has what an UPDATE changed, and nulls only where it set them', () => {
    const data = { Name: 'A', Phone: null, Fax: null, Website: 'enriched' };
    const event = changeEvent({
      changeType: 'UPDATE',
      data,
      changedFields: ['Name', 'Phone'],
      nulledFields: ['Phone'],
    });
    expect(changesOf(event)).to.deep.equal({ Name: 'A', Phone: null });
    expect(event.data).to.equal(data);
  });

  it('has the parts of a compound that changed', () => {
    const data = { Address: { City: 'Oslo', Street: null, Zip: null }, Name: { First: null, Last: null } };
    const changedFields = ['Address.City', 'Address.Zip', 'Name.First'];
    const header = { changeType: 'UPDATE', changedFields, nulledFields: ['Address.Zip', 'Name'] } as const;
    expect(changesOf(changeEvent({ ...header, data }))).to.deep.equal({
      Address: { City: 'Oslo', Zip: null },
      Name: { First: null },
    });
    expect(data.Address).to.have.property('Street');
  });

  it('has a compound that was nulled as a whole', () => {
    const header = { changeType: 'UPDATE', changedFields: ['Address'], nulledFields: ['Address'] } as const;
    expect(changesOf(changeEvent({ ...header, data: { Address: null } }))).to.deep.equal({ Address: null });
  });

  it('leaves out what was not decoded', () => {
    const header = { changeType: 'UPDATE', changedFields: ['Name', 'constructor', 'toString'] } as const;
    expect(changesOf(changeEvent({ ...header, data: {} }))).to.deep.equal({});
  });

  it('can be printed, with longs beyond 2^53 in it', () => {
    const changes = changesOf({ data: { Big: 2n ** 60n, Part: { Deep: 1n } } });
    expect(JSON.stringify(changes)).to.equal('{"Big":"1152921504606846976","Part":{"Deep":"1"}}');
    expect(Object.keys(changes)).to.deep.equal(['Big', 'Part']);
  });

  it('has a field called __proto__ as a field', () => {
    const data = JSON.parse('{"__proto__":{"a":1}}') as object;
    const changes = changesOf(changeEvent({ changeType: 'UPDATE', data, changedFields: ['__proto__'] }));
    expect(Object.keys(changes)).to.deep.equal(['__proto__']);
    expect(Object.getPrototypeOf(changes)).to.equal(Object.prototype);
  });

  for (const changeType of ['CREATE', 'UNDELETE', 'SNAPSHOT'] satisfies ChangeType[]) {
    it(`has all of a ${changeType} that is not null`, () => {
      const data = { Name: 'A', Phone: null, Address: { City: 'Oslo', Zip: null } };
      expect(changesOf(changeEvent({ changeType, data }))).to.deep.equal({ Name: 'A', Address: { City: 'Oslo' } });
    });
  }

  for (const changeType of ['DELETE', 'GAP_UPDATE', 'GAP_OVERFLOW'] satisfies ChangeType[]) {
    it(`has nothing of a ${changeType}`, () => {
      expect(changesOf(changeEvent({ changeType, data: { Name: null } }))).to.deep.equal({});
    });
  }

  it('has what a platform event carries', () => {
    expect(changesOf(platformEvent('/event/Order__e', { Number__c: '1', Note__c: null }))).to.deep.equal({
      Number__c: '1',
    });
  });
});
