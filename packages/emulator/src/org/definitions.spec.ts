import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { memoryOrg } from '../../test/support/memory-org.js';
import type { Definitions } from './definitions.js';
import { DATA_TYPES } from './field.js';

const AUDIT = ['CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById'];

describe('Org.define', () => {
  it('adds objects and platform events with fields of all types', () => {
    const { org, events } = memoryOrg();
    const types = [...Object.keys(DATA_TYPES), 'Location'];
    const fields = Object.fromEntries(types.map((type) => [`A_${type}__c`, type]));
    const { objects, events: defined } = org.define({
      objects: { Thing__c: { fields }, Empty__c: {} },
      events: { Thing__e: { fields: { Name__c: 'Text', Count__c: 'Double' } } },
    } as Definitions);
    expect(objects.map(({ fields: names }) => names)).to.deep.equal([
      ['OwnerId', 'Name', ...AUDIT, ...Object.keys(fields)],
      ['OwnerId', 'Name', ...AUDIT],
    ]);
    expect(org.platformEvents()).to.deep.include(defined[0]);
    org.create('Thing__c', { Name: 'a', A_Location__c: { Latitude: 1, Longitude: 2 }, A_Boolean__c: true });
    expect(events()[0]!.data).to.deep.include({ A_Boolean__c: true, A_Location__c: { Latitude: 1, Longitude: 2 } });
  });

  it('takes the names that Setup and the Metadata API have for types', () => {
    const { org } = memoryOrg();
    const fields = { Size__c: 'Number', Done__c: 'Checkbox', On__c: 'Date', Kind__c: 'Picklist', Of__c: 'Lookup' };
    org.define({
      objects: { Thing__c: { fields } },
      events: { Thing__e: { fields: { Size__c: 'Number' } } },
    } as Definitions);
    const docs = org.entityDefinition('Thing__c').fields.map(({ doc }) => doc.split(':').slice(0, 2).join(':'));
    expect(docs.slice(6)).to.deep.equal([
      'Data:Double',
      'Data:Boolean',
      'Data:DateOnly',
      'Data:DynamicEnum',
      'ForeignKey:EntityId',
    ]);
  });

  it('gives fields to what is there, whose next events have another schema', () => {
    const { org, events } = memoryOrg();
    const id = org.create('Account', { Name: 'a', Site: 's' });
    const before = [org.entities()[0]!, org.platformEvents()[0]!];
    const { objects, events: defined } = org.define({
      objects: { Account: { fields: { Phone: 'Phone', Tier__c: 'Text', Home__c: 'Location' } } },
      events: { Order_Event__e: { fields: { City__c: 'Text', Country__c: 'Text' } } },
    });
    [...objects, ...defined].forEach(({ schemaId, fields }, index) => {
      expect(schemaId).to.not.equal(before[index]!.schemaId);
      expect(fields).to.include.members([...before[index]!.fields]);
    });
    expect(objects[0]!.fields).to.have.length(before[0]!.fields.length + 2);
    org.update('Account', id, { Tier__c: 'Gold', Home__c: { Latitude: 1, Longitude: 2 } });
    expect(events().at(-1)!.data).to.deep.include({ Tier__c: 'Gold', Home__c: { Latitude: 1, Longitude: 2 } });
    expect(org.record('Account', id)).to.include({ Site: 's', Tier__c: 'Gold' });
  });

  it('changes nothing, when it is given the same definitions again', () => {
    const { org } = memoryOrg();
    const definitions: Definitions = {
      objects: { Thing__c: { fields: { Size__c: 'Number', Of__c: 'Lookup', At__c: 'Geolocation' } } },
      events: { Thing__e: { fields: { Size__c: 'Number' } } },
    };
    const first = org.define(definitions);
    const all = [org.entities(), org.platformEvents()];
    expect(org.define(definitions)).to.deep.equal(first);
    expect([org.entities(), org.platformEvents()]).to.deep.equal(all);
  });

  const thing = (fields: unknown) => ({ objects: { Thing__c: { fields } } });
  const mistakes: readonly (readonly [string, unknown, RegExp])[] = [
    ['they are no object', [], /^file\.json takes an object with options, and was given \[\]/],
    ['a part is unknown', { object: {} }, /^file\.json has no option "object".*Did you mean "objects"\?/],
    ['objects are a list', { objects: ['Thing__c'] }, /^file\.json: objects takes an object of API names/],
    ['an object is null', { objects: { Thing__c: null } }, /^file\.json: objects\.Thing__c takes an object/],
    [
      'fields stand at the wrong place',
      { objects: { Thing__c: { Size__c: 'Text' } } },
      /objects\.Thing__c has no option "Size__c"\. The options are fields\./,
    ],
    ['fields are a list', thing(['Size__c']), /objects\.Thing__c\.fields takes an object of field names and types/],
    ['a type is no name', thing({ Size__c: { type: 'Text' } }), /objects\.Thing__c\.fields\.Size__c takes one of/],
    [
      'a type is misspelt',
      thing({ Size__c: 'Curency' }),
      /fields\.Size__c takes one of .*'Curency'\. Did you mean "Currency"\?/,
    ],
    ['a type has the wrong case', thing({ Size__c: 'number' }), /Did you mean "Number"\?/],
    [
      'a field has no suffix',
      thing({ Size: 'Text' }),
      /objects\.Thing__c\.fields: "Size" cannot be.*such as "Size__c"/,
    ],
    ['fields differ in case alone', thing({ Size__c: 'Text', size__C: 'Text' }), /fields: "size__C"/],
    [
      'an object is misspelt',
      { objects: { Acount: {} } },
      /objects: .* no "Acount".*"__c"\. ?Did you mean "Account"\?/,
    ],
    [
      'an object’s case is wrong',
      { objects: { project__c: {} } },
      /"project__c" differs from "Project__c" in case alone/,
    ],
    [
      'two new objects differ in case alone',
      { objects: { Thing__c: {}, thing__c: {} } },
      /objects: "thing__c" differs from "Thing__c" in case alone/,
    ],
    [
      'two new events differ in case alone',
      { events: { Thing__e: {}, THING__e: {} } },
      /events: "THING__e" differs from "Thing__e" in case alone/,
    ],
    ['an object has an event’s name', { objects: { Thing__e: {} } }, /objects: .*"Thing__e".*ends with "__c"/],
    ['an object’s name is not valid', { objects: { '1__c': {} } }, /objects: "1__c" cannot be the name of an object/],
    ['an event has an object’s name', { events: { Thing__c: {} } }, /events: .*ends with "__e"/],
    [
      'an event has a type of objects',
      { events: { Thing__e: { fields: { At__c: 'Location' } } } },
      /events\.Thing__e\.fields\.At__c takes one of/,
    ],
    [
      'a field is there with another type',
      { objects: { Account: { fields: { Phone: 'Text' } } } },
      /objects\.Account\.fields\.Phone is there already as Phone, and cannot become Text/,
    ],
  ];
  for (const [condition, definitions, message] of mistakes) {
    it(`says where and adds nothing, when ${condition}`, () => {
      const { org } = memoryOrg();
      const before = [org.entities(), org.platformEvents()];
      const fine = { objects: { Fine__c: {} }, events: { Fine__e: {} } };
      const both = Array.isArray(definitions) ? definitions : merged(fine, definitions as object);
      expect(() => org.define(both, 'file.json')).to.throw(ConfigurationError, message);
      expect([org.entities(), org.platformEvents()]).to.deep.equal(before);
    });
  }
});

/** What is fine first, so that something would be added if anything were before all is checked. */
function merged(fine: Record<string, object>, wrong: object): object {
  return Object.fromEntries(
    [...new Set([...Object.keys(fine), ...Object.keys(wrong)])].map((key) => {
      const part = (wrong as Record<string, unknown>)[key];
      return [key, Array.isArray(part) ? part : { ...fine[key], ...(part as object | undefined) }];
    }),
  );
}
