import { parseSchema, schemaIdOf } from '@rxforce/core/codec';
import { expect } from 'chai';
import { hasRecordings, recorded } from '../../test/support/recorded.js';
import { ENTITIES } from './entities/index.js';
import type { EntityDefinition } from './entity.js';
import { changeEventSchema, platformEventSchema } from './event-schema.js';
import { customFields } from './field.js';

interface SchemaField {
  readonly name: string;
  readonly type: unknown;
  readonly doc: string;
  readonly default?: null;
}

interface Schema {
  readonly name: string;
  readonly namespace: string;
  readonly fields: readonly SchemaField[];
}

describe('changeEventSchema', () => {
  for (const entity of ENTITIES) {
    it(`is a schema with the header first and unions that begin with null, when the object is ${entity.name}`, () => {
      const json = changeEventSchema(entity);
      expect(schemaIdOf(parseSchema(json))).to.have.length(22);
      const { name, namespace, fields } = JSON.parse(json) as Schema;
      const [header, ...body] = fields;
      expect(name).to.equal(`${entity.name.replace('__c', '__')}ChangeEvent`);
      expect(namespace).to.equal('com.sforce.eventbus');
      expect(header!.name).to.equal('ChangeEventHeader');
      expect(body.map((field) => field.name)).to.include.members([
        'CreatedDate',
        'LastModifiedDate',
        'LastModifiedById',
      ]);
      for (const field of body) {
        expect(field.type).to.have.property('0', 'null');
        expect(field.default).to.equal(null);
        expect(field.doc).to.match(/^[A-Za-z]+:[A-Za-z_]+(:00N[\dA-Za-z]{12})?$/);
        expect(field.doc.includes(':00N')).to.equal(field.name.endsWith('__c'));
      }
    });
  }

  it('gives every custom field an id of its own, when all objects are looked at', () => {
    const docs = ENTITIES.flatMap((entity) => entity.fields.map(({ doc }) => doc.split(':')[2]));
    const ids = docs.filter((id) => id !== undefined);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('has as many fields as a real one, when the object is Account', () => {
    expect(entityNamed('Account').fields.length).to.be.within(80, 90);
  });

  it('defines a compound type once, when several fields have it', () => {
    const { fields } = JSON.parse(changeEventSchema(entityNamed('Account'))) as Schema;
    const types = new Map(fields.map(({ name, type }) => [name, type]));
    expect(types.get('BillingAddress')).to.have.nested.property('[1].name', 'Address');
    expect(types.get('ShippingAddress')).to.deep.equal(['null', 'Address']);
    expect(types.get('Name')).to.have.nested.property('[1]', 'string');
    expect(types.get('Name')).to.have.nested.property('[2].name', 'Switchable_PersonName');
  });

  const recordings = [
    ['Account', 'schemas/AccountChangeEvent.2026-01.avsc'],
    ['Contact', 'schemas/ContactChangeEvent.2026-01.avsc'],
  ] as const;
  for (const [name, path] of recordings) {
    it(`is the live service's but for custom fields, when the object is ${name} and recordings are there`, function () {
      if (!hasRecordings) this.skip();
      expect(standardFields(changeEventSchema(entityNamed(name)))).to.deep.equal(standardFields(recorded(path)));
    });
  }
});

describe('platformEventSchema', () => {
  it('begins with the two fields that are never null, when it has fields of its own', () => {
    const { fields } = JSON.parse(platformEventSchema('A__e', customFields(1, { B__c: 'Text' }))) as Schema;
    expect(fields.map(({ name, type }) => [name, type])).to.deep.equal([
      ['CreatedDate', 'long'],
      ['CreatedById', 'string'],
      ['B__c', ['null', 'string']],
    ]);
  });
});

function entityNamed(name: string): EntityDefinition {
  return ENTITIES.find((entity) => entity.name === name)!;
}

function standardFields(json: string): readonly SchemaField[] {
  return (JSON.parse(json) as Schema).fields.filter(({ name }) => !/__p?c$/.test(name));
}
