import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Decoded } from '../../test/support/decoding.js';
import type { MemoryOrg } from './org.js';
import { AT, CHANNEL, emptyAddress, setUp, single } from '../../test/support/channel-org.js';

describe('a custom channel', () => {
  it('carries the events of its members under their ids and replay ids, and no others', () => {
    const { org, on, channel } = setUp({ entity: 'Account' }, { entity: 'Lead' });
    const account = org.create('Account', { Name: 'a' });
    org.create('Contact', { Name: { LastName: 'c' } });
    org.create('Lead', { Company: 'l' });
    org.update('Account', account, { Phone: '1' });
    const others = on('/data/ChangeEvents').filter(({ header }) => header.entityName !== 'Contact');
    expect(channel()).to.have.length(3);
    expect(channel()).to.deep.equal(others);
  });

  it('has the schema of its only member, and none when it has several or none', () => {
    const { org, schemaId } = setUp();
    const schemaOf = (entity: string) => org.entities().find(({ name }) => name === entity)!.schemaId;
    expect(schemaId()).to.equal('');
    org.addChannelMember('Sales__chn', { entity: 'Lead' });
    expect(schemaId()).to.equal(schemaOf('Lead'));
    org.addChannelMember('Sales__chn', { entity: 'Account' });
    expect(schemaId()).to.equal('');
    org.removeChannelMember('Sales__chn', 'Lead');
    expect(schemaId()).to.equal(schemaOf('Account'));
  });

  it('has the new schema, and carries the new field, when its only member gets a field', () => {
    const { org, schemaId, channel } = setUp({ entity: 'Account', enrichedFields: ['Phone', 'BillingAddress'] });
    const id = org.create('Account', { Name: 'a', Phone: '1', BillingAddress: { City: 'Oslo' } });
    org.update('Account', id, { Fax: '2' });
    const before = channel();
    const switched = org.addField('Account');
    expect(schemaId()).to.equal(switched);
    org.update('Account', id, { Added_1__c: 'x' });
    expect(channel().slice(0, 2)).to.deep.equal(before);
    expect(channel()[2]).to.have.property('schemaId', switched);
    const BillingAddress = { ...emptyAddress(), City: 'Oslo' };
    expect(channel()[2]!.data).to.deep.equal({ Added_1__c: 'x', Phone: '1', BillingAddress, LastModifiedDate: AT });
  });

  it('carries what happens from then on, when a member is added, and no more, when it is removed', () => {
    const { org, channel } = setUp();
    const id = org.create('Account', { Name: 'a' });
    org.addChannelMember('Sales__chn', { entity: 'Account' });
    org.update('Account', id, { Phone: '1' });
    org.removeChannelMember('Sales__chn', 'Account');
    org.update('Account', id, { Phone: '2' });
    expect(channel().map(({ data }) => data.Phone)).to.deep.equal(['1']);
  });

  it('lists what it is', () => {
    const { org } = setUp({ entity: 'Account', enrichedFields: ['Phone'] }, { entity: 'Lead' });
    const created = org.createChannel('Ops__chn', { label: 'Operations' });
    expect(created).to.deep.equal({ name: 'Ops__chn', topic: '/data/Ops__chn', label: 'Operations', members: [] });
    const members = [
      { entity: 'Account', enrichedFields: ['Phone'] },
      { entity: 'Lead', enrichedFields: [] },
    ];
    const sales = { name: 'Sales__chn', topic: CHANNEL, label: 'Sales', members };
    expect(org.channels()).to.deep.equal([sales, created]);
  });

  it('is gone, and so are those who wait on it, when it is deleted; another can have its name', () => {
    const { org, bus, channel } = setUp({ entity: 'Account' });
    org.create('Account', { Name: 'a' });
    const told: string[] = [];
    bus.topic(CHANNEL)!.onRemove(() => told.push('one'));
    bus.topic(CHANNEL)!.onRemove(() => told.push('another'))();
    org.deleteChannel('Sales__chn');
    expect(told).to.deep.equal(['one']);
    expect(bus.topic(CHANNEL)).to.equal(undefined);
    expect(org.channels()).to.deep.equal([]);
    org.create('Account', { Name: 'b' });
    org.createChannel('Sales__chn', { members: [{ entity: 'Account' }] });
    org.create('Account', { Name: 'c' });
    expect(channel().map(({ data }) => data.Name)).to.deep.equal(['c']);
  });

  it('is not there, when one of its members is not valid', () => {
    const { org, bus } = setUp();
    const members = [{ entity: 'Account' }, { entity: 'Lead', enrichedFields: ['Description'] }];
    expect(() => org.createChannel('Ops__chn', { members })).to.throw(ConfigurationError);
    expect(org.channels().map(({ name }) => name)).to.deep.equal(['Sales__chn']);
    expect(bus.topic('/data/Ops__chn')).to.equal(undefined);
  });
});

describe('a custom channel, without what was added to it', () => {
  it('says the same in the same order as the topics of its members, whatever is done to records', () => {
    const entities = ['Account', 'Contact', 'Lead'] as const;
    const step = fc.record({
      entity: fc.constantFrom(...entities),
      operation: fc.constantFrom('create', 'update', 'delete', 'undelete', 'gap'),
      picks: fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 4 }),
      phone: fc.constantFrom('1', '2', null),
    });
    fc.assert(
      fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 15 }), (transactions) => {
        const enrichedFields = ['Phone', 'Fax', 'Name'];
        const { org, on, channel } = setUp({ entity: 'Account', enrichedFields }, { entity: 'Lead' });
        const ids: Record<string, { id: string; deleted: boolean }[]> = { Account: [], Contact: [], Lead: [] };
        for (const steps of transactions) {
          const asGaps = steps[0]!.operation === 'gap';
          org.transaction(
            (tx) => {
              for (const { entity, operation, picks, phone } of steps) {
                const known = ids[entity]!;
                const wanted = operation === 'undelete';
                const hits = known.filter(({ deleted }, index) => deleted === wanted && picks.includes(index));
                const hitIds = hits.map(({ id }) => id);
                if (operation === 'create') {
                  const values = picks.map((pick) => ({ Phone: phone, Fax: String(pick % 2) }));
                  known.push(...tx.create(entity, values).map((id) => ({ id, deleted: false })));
                } else if (operation === 'delete' || operation === 'undelete') {
                  tx[operation](entity, hitIds);
                  hits.forEach((hit) => (hit.deleted = !wanted));
                } else {
                  tx.update(entity, hitIds, { Phone: phone });
                }
              }
            },
            { asGaps },
          );
        }
        const expected = on('/data/ChangeEvents')
          .filter(({ header }) => header.entityName !== 'Contact')
          .flatMap(single);
        expect(channel().flatMap(single).map(withoutAdded)).to.deep.equal(expected.map(withoutAdded));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a custom channel, given what is not valid', () => {
  type Mistake = (org: MemoryOrg) => unknown;
  const create = (name: string) => (org: MemoryOrg) => org.createChannel(name);
  const add = (entity: string, ...enrichedFields: string[]) => {
    return (org: MemoryOrg) => org.addChannelMember('Sales__chn', { entity, enrichedFields });
  };
  const eleven = ['Phone', 'Fax', 'Site', 'Sic', 'Type', 'Industry', 'Rating', 'Website', 'Jigsaw', 'OwnerId', 'Name'];
  const mistakes: readonly (readonly [string, Mistake, RegExp])[] = [
    ['its name has no suffix', create('Sales'), /"Sales" cannot be the name of a channel.*"__chn"/],
    ['its name is a topic', create('/data/Sales__chn'), /cannot be the name/],
    ['its name begins with a digit', create('1Sales__chn'), /cannot be the name/],
    ['its name has two underscores', create('My__Sales__chn'), /cannot be the name/],
    ['its name is taken', create('Sales__chn'), /"Sales__chn" is there already/],
    ['an option is unknown', (org) => org.createChannel('A__chn', { lable: 'a' } as object), /no option "lable"/],
    ['members are no array', (org) => org.createChannel('A__chn', { members: {} } as object), /takes an array/],
    ['an object is unknown', add('Acount'), /no object "Acount"/],
    ['an object is there twice', add('Lead'), /has "Lead" already/],
    ['a field is unknown', add('Account', 'Naem'), /no field "Naem"/],
    ['a field is a part of a compound', add('Account', 'BillingAddress.City'), /no field "BillingAddress\.City"/],
    ['a field is a long text', add('Account', 'Description'), /Account\.Description cannot be added.*StringPlusClob/],
    ['a field is a rich text', add('Account', 'Notes__c'), /HtmlStringPlusClob/],
    ['a field is encrypted', add('Account', 'Tax_Number__c'), /EncryptedText/],
    ['a field is a list of choices', add('Account', 'Product_Lines__c'), /MultiEnum/],
    ['a field is there twice', add('Account', 'Phone', 'Phone'), /Account\.Phone was given twice/],
    ['there are more than ten fields', add('Account', ...eleven), /10 fields.*was given 11/],
    ['a channel to add to is unknown', (org) => org.addChannelMember('A__chn', { entity: 'Account' }), /no channel/],
    ['a channel to delete is unknown', (org) => org.deleteChannel('A__chn'), /"A__chn".*Sales__chn/],
    ['a member to remove is unknown', (org) => org.removeChannelMember('Sales__chn', 'Account'), /no member "Account"/],
  ];
  for (const [condition, mistake, message] of mistakes) {
    it(`throws a ConfigurationError and stays as it was, when ${condition}`, () => {
      const { org } = setUp({ entity: 'Lead' });
      const before = org.channels();
      expect(() => mistake(org)).to.throw(ConfigurationError, message);
      expect(org.channels()).to.deep.equal(before);
    });
  }
});

/** What an event says without fields that did not change: updates here change the phone and the date, at most. */
function withoutAdded({ header, data }: Decoded): Decoded {
  const changed = BigInt(header.changedFields[0] ?? 0);
  const phone = (changed & 0x80n) !== 0n && data.Phone !== undefined ? { Phone: data.Phone } : {};
  if (header.entityName !== 'Account' || !/^(UPDATE|DELETE)$/.test(header.changeType)) return { header, data };
  const date = data.LastModifiedDate === undefined ? {} : { LastModifiedDate: data.LastModifiedDate };
  return { header, data: { ...phone, ...date } };
}
