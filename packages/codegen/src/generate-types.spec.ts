import { expect } from 'chai';
import fc from 'fast-check';
import * as prettier from 'prettier';
import { anyEvents, type AnyEvents } from '../test/support/any-events.js';
import { completionsIn, literalOf, mistakesIn } from '../test/support/compiler.js';
import { hasRecordedData, recordedEvents, RECORDED_SCHEMAS, recordedSchema } from '../../core/test/support/recorded.js';
import { eventSchema, parseSchema, schemaIdOf } from '@rxforce/core/codec';
import { ConfigurationError } from '@rxforce/core/model';
import { eventTypes, type EventType } from './event-type.js';
import { generateTypes } from './generate-types.js';

const HEADER = { name: 'ChangeEventHeader', type: { type: 'record', name: 'ChangeEventHeader', fields: [] } };

/** A schema of changes, by fields: types, or types with what the schema says of them. */
function changesOf(entity: string, fields: Readonly<Record<string, unknown>>): { readonly json: string } {
  const body = Object.entries(fields).map(([name, type]) =>
    Array.isArray(type) && type[0] !== 'null'
      ? { name, type: type[0] as unknown, doc: type[1] as unknown }
      : { name, type },
  );
  const name = `${entity.replace(/__c$/, '__')}ChangeEvent`;
  return {
    json: JSON.stringify({ type: 'record', name, namespace: 'com.sforce.eventbus', fields: [HEADER, ...body] }),
  };
}

const address = (...children: string[]) => ({
  type: 'record',
  name: 'Address',
  fields: children.map((name) => ({ name, type: ['null', 'string'] })),
});

const generated = (...schemas: readonly { readonly json: string }[]) => generateTypes(eventTypes(schemas));

const formatted = (source: string) =>
  prettier.format(source, { parser: 'typescript', printWidth: 120, singleQuote: true });

describe('generateTypes', function () {
  this.timeout(180_000);
  it('gives an interface, an alias of its change event, and entries by object and by topic', () => {
    const text = generated(changesOf('Employee__c', { Name: ['null', 'string'], Salary__c: ['null', 'double'] }));
    expect(text).to.include('export interface Employee__c {\n  Name: string | null;\n  Salary__c: number | null;\n}\n');
    expect(text).to.include('export type Employee__Change = ChangeEvent<Employee__c>;\n');
    expect(text).to.include('export interface Entities {\n  Employee__c: Employee__c;\n}\n');
    expect(text).to.include("export interface Topics {\n  '/data/Employee__ChangeEvent': Employee__c;\n}\n");
  });

  it('names the topics and schemas that it was made from, and no time', () => {
    const schema = changesOf('Account', { Name: ['null', 'string'] });
    const id = schemaIdOf(parseSchema(schema.json));
    expect(generated(schema)).to.include(` * - \`/data/AccountChangeEvent\`: schema \`${id}\`\n`);
    expect(generated(schema)).not.to.match(/20\d\d/);
  });

  it('is the same text, in whatever order and however often the schemas come', () => {
    const schemas = ['Lead', 'Account', 'Employee__c'].map((name) =>
      changesOf(name, { Where: ['null', address('City')] }),
    );
    const [first, ...rest] = schemas;
    expect(generated(...rest, ...schemas)).to.equal(generated(...schemas));
    expect(generated(first!)).not.to.equal(generated(...schemas));
  });

  describe('shares types', () => {
    it('between objects, when they are alike', () => {
      const text = generated(
        changesOf('Account', { Home: ['null', address('City')], Work: ['null', 'Address'] }),
        changesOf('Lead', { Place: ['null', address('City')] }),
      );
      expect(text)
        .to.include('  Home: Address | null;\n  Work: Address | null;\n')
        .and.include('  Place: Address | null;\n');
      expect(text.match(/interface \w*Address /g)).to.deep.equal(['interface Address ']);
    });

    it('by the names of their owners, when they differ', () => {
      const text = generated(
        changesOf('Account', { Home: ['null', address('City', 'Xyz')] }),
        changesOf('Lead', { Place: ['null', address('City')] }),
      );
      expect(text).to.include('  Home: Account_Address | null;\n').and.include('  Place: Lead_Address | null;\n');
      expect(text).not.to.match(/interface Address /);
    });

    it('by the names of their owners, when an object has the name', () => {
      const text = generated(
        changesOf('Address', { City: ['null', 'string'] }),
        changesOf('Lead', { Place: ['null', address('City', 'Street')] }),
      );
      expect(text).to.include('  Place: Lead_Address | null;\n').and.include('export interface Address {\n  City:');
    });
  });

  it('appends a "_" to names that mean something else', () => {
    const text = generated(changesOf('ChangeEvent', {}), changesOf('Topics', {}), changesOf('string', {}));
    expect(text).to.include('export interface ChangeEvent_ {}').and.include('  ChangeEvent: ChangeEvent_;');
    expect(text).to.include("  '/data/TopicsChangeEvent': Topics_;").and.include('  string: string_;');
    expect(mistakesIn({ 'salesforce.ts': text })).to.deep.equal([]);
  });

  it('gives longs as numbers where the schema says that they are dates, and else as the decoder does', () => {
    const text = generated(
      changesOf('Account', { Since: ['long', 'Data:DateOnly:00N1'], Number: ['long', 'Data:Other'] }),
    );
    expect(text).to.include('  Since: number;').and.include('  Number: number | bigint;');
  });

  it('compiles, where two topics carry the events of one object', () => {
    const schema = changesOf('Lead', { Status: [['null', 'string'], 'Data:DynamicEnum'] });
    const events = eventTypes([schema, { ...schema, topic: '/data/Sales__chn' }]);
    const text = generateTypes(events, new Map([['Lead.Status', ['New']]]));
    expect(mistakesIn({ 'salesforce.ts': text })).to.deep.equal([]);
    expect(text)
      .to.include('export interface Entities {\n  Lead: Lead;\n}\n')
      .and.include("  '/data/Sales__chn': Lead_;");
  });

  it('compiles, where the documentation of a field looks like an order to the compiler', () => {
    const text = generated(changesOf('Account', { Name: ['string', '@ts-expect-error'] }));
    expect(mistakesIn({ 'salesforce.ts': text })).to.deep.equal([]);
  });

  it('gives symbols of enums as literals', () => {
    const text = generated(
      changesOf('Account', { Size: ['null', { type: 'enum', name: 'Size', symbols: ['S', 'L'] }] }),
    );
    expect(text).to.include("export type Size = 'S' | 'L';\n").and.include('  Size: Size | null;\n');
  });

  it('refuses two schemas for one topic', () => {
    const schemas = [changesOf('Account', { Name: ['null', 'string'] }), changesOf('Account', {})];
    expect(() => generated(...schemas)).to.throw(ConfigurationError, 'two schemas for /data/AccountChangeEvent');
  });
});

describe('Pick lists', function () {
  this.timeout(180_000);
  const schema = changesOf('Lead', {
    Status: [['null', 'string'], 'Data:DynamicEnum'],
    Products__c: [['null', 'string'], 'Data:MultiEnum:00N1'],
  });
  const use = (code: string) =>
    `import type { Lead, PickList } from './salesforce.js';\nconst lead = {} as Lead;\n${code}\nexport {};`;

  it('are strings, when no values are known', () => {
    const modules = { 'salesforce.ts': generated(schema), 'use.ts': use('const text: string | null = lead.Status;') };
    expect(mistakesIn(modules)).to.deep.equal([]);
  });

  for (const [what, type] of [
    ['lists', { type: 'array', items: 'string' }],
    ['maps', { type: 'map', values: ['null', 'string'] }],
  ] as const) {
    it(`are what they are in ${what}, too`, () => {
      const text = generated(changesOf('Lead', { Products: [['null', type], 'Data:MultiEnum'] }));
      expect(text).to.include("PickList<'Lead.Products'>");
      expect(mistakesIn({ 'salesforce.ts': text })).to.deep.equal([]);
    });
  }

  it('are what a module of the user says', () => {
    const narrowed = `declare module './salesforce.js' { interface PickLists { 'Lead.Status': 'New' | 'Won' } } export {};`;
    const modules = (code: string) => ({
      'salesforce.ts': generated(schema),
      'narrowed.ts': narrowed,
      'use.ts': use(code),
    });
    const exact =
      "const status: 'New' | 'Won' | null = lead.Status; const all: PickList<'Lead.Status'>[] = ['New', 'Won'];";
    expect(mistakesIn(modules(exact))).to.deep.equal([]);
    expect(mistakesIn(modules("lead.Status = 'Lost';")).join()).to.include('"Lost"');
    expect(mistakesIn(modules("lead.Products__c = 'GC1000;GC5000';"))).to.deep.equal([]);
  });

  it('offer the values of the org, and take others', () => {
    const values = new Map([['Lead.Status', ['Open - Not Contacted', 'Won']]]);
    const text = generateTypes(eventTypes([schema]), values);
    expect(mistakesIn({ 'salesforce.ts': text, 'use.ts': use("lead.Status = 'Lost';") })).to.deep.equal([]);
    const offered = completionsIn({ 'salesforce.ts': text, 'use.ts': use("lead.Status = '|';") }, 'use.ts');
    expect(offered).to.include.members(['Open - Not Contacted', 'Won']);
  });

  it('are formatted, whatever their values are', async () => {
    const value = fc.string({ unit: fc.constantFrom('a', "'", '"', '\\', '\n', '東', 'é', ' '), maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(value, { minLength: 1, maxLength: 10 }), async (values) => {
        const text = generateTypes(eventTypes([schema]), new Map([['Lead.Status', values]]));
        expect(await formatted(text)).to.equal(text);
      }),
    );
  });
});

/** The generated module, and one that says of each event that it has that type. */
function modulesFor(events: readonly EventType[], schemas: readonly AnyEvents[]) {
  const byTopic = new Map(schemas.map((schema) => [eventTypes([schema])[0]!.topic, schema]));
  const claims = events.flatMap(({ topic, schemaId }) => {
    const { json, payloads } = byTopic.get(topic)!;
    const decode = eventSchema(json, schemaId).decoder();
    return payloads.map((payload) => `claim<Topics['${topic}']>(${literalOf(decode(payload).data)});`);
  });
  const use = `import type { Topics } from './salesforce.js';\ndeclare function claim<T>(data: T): void;\n`;
  return { 'salesforce.ts': generateTypes(events), 'use.ts': use + claims.join('\n') };
}

describe('The generated module', function () {
  this.timeout(180_000);

  it('compiles, is formatted, and has exactly the fields and types of decoded events, for any schemas', async () => {
    const schemas = fc.uniqueArray(anyEvents, {
      minLength: 1,
      maxLength: 4,
      selector: (schema) => eventTypes([schema])[0]?.topic,
    });
    await fc.assert(
      fc.asyncProperty(schemas, async (given) => {
        const modules = modulesFor(eventTypes(given), given);
        expect(mistakesIn(modules)).to.deep.equal([]);
        expect(await formatted(modules['salesforce.ts'])).to.equal(modules['salesforce.ts']);
      }),
      { numRuns: 40 },
    );
  });

  it('is not the type of an event with a field more, a field less, or a value of another type', () => {
    const fields = { Name: ['null', 'string'], Since: ['long', 'Data:DateOnly'], Place: ['null', address('City')] };
    const text = generated(changesOf('Account', fields));
    const isAccount = (literal: string) =>
      mistakesIn({
        'salesforce.ts': text,
        'use.ts': `import type { Account } from './salesforce.js';\nexport const account: Account = ${literal};`,
      }).length === 0;
    const event = { Name: null, Since: 1, Place: { City: 'Rome' } };
    const altered = [
      { ...event, More: 1 },
      { Name: null, Since: 1 },
      { ...event, Since: 1n },
      { ...event, Place: { City: 1 } },
    ];
    expect([event, ...altered].map((each) => isAccount(literalOf(each)))).to.deep.equal([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  if (hasRecordedData) {
    const schemas = RECORDED_SCHEMAS.filter(([name]) => !name.includes('2023')).map(([name]) => ({
      json: recordedSchema(name),
    }));

    it('compiles and is formatted, for recorded schemas', async () => {
      const text = generated(...schemas);
      expect(mistakesIn({ 'salesforce.ts': text })).to.deep.equal([]);
      expect(await formatted(text)).to.equal(text);
    });

    it('has the fields and types of recorded events', () => {
      const [schema, id] = RECORDED_SCHEMAS[0];
      const json = recordedSchema(schema);
      const payloads = recordedEvents()
        .filter(({ wire }) => wire.event.schemaId === id)
        .map(({ wire }) => Buffer.from(wire.event.payload, 'base64'));
      expect(payloads).to.have.length(6);
      expect(mistakesIn(modulesFor(eventTypes([{ json }]), [{ json, payloads }]))).to.deep.equal([]);
    });
  }
});
