import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { decode } from '../../test/support/decoding.js';
import { Bus } from '../bus/bus.js';
import { createRandom } from '../model/random.js';
import { SchemaRegistry } from '../schemas/schema-registry.js';
import { MemoryOrg } from './org.js';

const USER = '005Hs0000000001AAA';
const AT = 1_700_000_000_000;

describe('Org.createObject', () => {
  it('makes an object with owner, name, the fields of the org and its own, whose records make change events', () => {
    const { org, bus, decoded } = setUp();
    const fields = {
      Size__c: 'Double',
      Account__c: 'EntityId',
      Place__c: 'Location',
      ERP_Id__c: 'ExternalId',
    } as const;
    const created = org.createObject('Thing__c', { fields });
    expect(created).to.deep.include({ name: 'Thing__c', topic: '/data/Thing__ChangeEvent', keyPrefix: 'a01' });
    const audit = ['CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById'];
    expect(created.fields).to.deep.equal(['OwnerId', 'Name', ...audit, ...Object.keys(fields)]);
    expect(org.entities()).to.deep.include(created);
    expect(bus.topic('/data/Thing__ChangeEvent')!.definition).to.deep.include({ schemaId: created.schemaId });
    const id = org.create('Thing__c', { Name: 'a', Size__c: 1.5, Account__c: '001', Place__c: { Latitude: 2 } });
    org.update('Thing__c', id, { Size__c: 2 });
    expect(id).to.match(/^a01.{15}$/);
    const [first, second] = decoded(created.topic);
    expect(first!.data).to.deep.include({ Name: 'a', Size__c: 1.5, Account__c: '001', OwnerId: USER });
    expect(second!.header).to.deep.include({ entityName: 'Thing__c', recordIds: [id], changedFields: ['0xA0'] });
    expect(decoded('/data/ChangeEvents')).to.deep.equal([first, second]);
  });

  it('says in the schema what kind of field each is, with an id that no other has', () => {
    const { org, docs } = setUp();
    const { schemaId } = org.createObject('A__c', { fields: { Link__c: 'EntityId', Text__c: 'Text' } });
    const other = org.createObject('B__c', { fields: { Outer__c: 'ExternalId', Place__c: 'Location' } });
    const event = org.createPlatformEvent('C__e', { Text__c: 'Text' });
    const custom = [schemaId, other.schemaId, event.schemaId].flatMap((id) => docs(id));
    expect(custom.map(([name, doc]) => [name, doc!.replace(/:00N.*/, '')])).to.deep.equal([
      ['Link__c', 'ForeignKey:EntityId'],
      ['Text__c', 'Data:Text'],
      ['Outer__c', 'ExternalForeignKey:ExternalId'],
      ['Place__c', 'Data:Location'],
      ['Text__c', 'Data:Text'],
    ]);
    const standard = org.entities().flatMap(({ schemaId: id }) => docs(id));
    const ids = [...standard, ...custom.slice(-1)].map(([, doc]) => doc!.split(':')[2]);
    expect(ids).to.not.include(undefined);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('gives every object a key prefix of its own, and can leave out fields', () => {
    const { org } = setUp();
    for (let number = 0; number < 70; number++) org.createObject(`Thing${number}__c`);
    const prefixes = org.entities().map(({ keyPrefix }) => keyPrefix);
    expect(new Set(prefixes).size).to.equal(75);
    expect(new Set(prefixes.map((prefix) => prefix.length))).to.deep.equal(new Set([3]));
  });

  it('makes an object that channels can carry and fields can be added to', () => {
    const { org, decoded } = setUp();
    const { schemaId } = org.createObject('Thing__c', { fields: { Size__c: 'Double' } });
    const { topic } = org.createChannel('Things__chn', {
      members: [{ entity: 'Thing__c', enrichedFields: ['Size__c'] }],
    });
    const id = org.create('Thing__c', { Name: 'a', Size__c: 1 });
    expect(org.addField('Thing__c')).to.not.equal(schemaId);
    org.update('Thing__c', id, { Added_1__c: 'x' });
    expect(decoded(topic)[1]!.data).to.deep.equal({ Added_1__c: 'x', Size__c: 1, LastModifiedDate: AT });
  });
});

describe('Org.createPlatformEvent', () => {
  it('makes a topic that clients can publish to, with a schema that begins as every event’s', () => {
    const { org, bus, schemas } = setUp();
    const created = org.createPlatformEvent('Thing__e', { Name__c: 'Text', Count__c: 'Double' });
    const { schemaId } = created;
    const topic = '/event/Thing__e';
    expect(created).to.deep.equal({ name: 'Thing__e', topic, schemaId, fields: ['Name__c', 'Count__c'] });
    expect(org.platformEvents().map(({ name }) => name)).to.deep.equal(['Order_Event__e', 'Thing__e']);
    expect(bus.topic(topic)!.definition).to.deep.equal({ name: topic, schemaId, canPublish: true });
    const event = { CreatedDate: AT, CreatedById: USER, Name__c: 'a', Count__c: null };
    const { type } = schemas.get(schemaId)!;
    expect({ ...(type.fromBuffer(type.toBuffer(event)) as object) }).to.deep.equal(event);
  });
});

describe('Org, given definitions that are not valid', () => {
  const object = (name: string, options?: object) => (org: MemoryOrg) => org.createObject(name, options);
  const event = (name: string, fields: object) => (org: MemoryOrg) =>
    org.createPlatformEvent(name, fields as Record<string, 'Text'>);
  const mistakes: readonly (readonly [string, (org: MemoryOrg) => unknown, RegExp])[] = [
    ['an object has no suffix', object('Thing'), /"Thing" cannot be the name of an object.*"__c"/],
    ['an object is there', object('Project__c'), /object "Project__c" already/],
    ['an option is unknown', object('A__c', { field: {} }), /createObject\("A__c"\) has no option "field"/],
    ['fields are a list', object('A__c', { fields: [] }), /takes an object of field names and types/],
    ['a field has no suffix', object('A__c', { fields: { Size: 'Double' } }), /"Size" cannot be the name of a field/],
    ['a type is unknown', object('A__c', { fields: { Size__c: 'Number' } }), /Size__c takes one of Text,.*Location/],
    ['a platform event has no suffix', event('Thing__c', {}), /cannot be the name of a platform event.*"__e"/],
    ['a platform event is there', event('Order_Event__e', {}), /platform event "Order_Event__e" already/],
    [
      'an event has a field of an object',
      event('A__e', { Place__c: 'Location' }),
      /Place__c takes one of Text, String/,
    ],
  ];
  for (const [condition, mistake, message] of mistakes) {
    it(`throws a ConfigurationError and adds nothing, when ${condition}`, () => {
      const { org } = setUp();
      const before = [org.entities(), org.platformEvents()];
      expect(() => mistake(org)).to.throw(ConfigurationError, message);
      expect([org.entities(), org.platformEvents()]).to.deep.equal(before);
    });
  }
});

function setUp() {
  const random = createRandom(1);
  const bus = new Bus({ retentionMs: 1_000_000, now: () => AT, random });
  const schemas = new SchemaRegistry();
  const org = new MemoryOrg({ bus, schemas, random, now: () => AT, user: USER, maxChangesPerTransaction: 5 });
  const decoded = (topic: string) =>
    bus.events(bus.topic(topic)!).map(({ schemaId, payload }) => decode(schemas.get(schemaId)!.json, payload));
  /** Names of a schema's custom fields with what it says of them. */
  const docs = (schemaId: string) => {
    const { fields } = JSON.parse(schemas.get(schemaId)!.json) as { fields: { name: string; doc: string }[] };
    return fields.filter(({ name }) => name.endsWith('__c')).map(({ name, doc }) => [name, doc]);
  };
  return { org, bus, schemas, decoded, docs };
}
