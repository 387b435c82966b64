import { expect } from 'chai';
import * as prettier from 'prettier';
import { firstValueFrom, take, toArray } from 'rxjs';
import { parseSchema } from '@rxforce/core/codec';
import { startEmulator, type Emulator, type RecordInput } from '@rxforce/emulator';
import { eventTypes, type EventType } from '../../src/event-type.js';
import type { ValueType } from '../../src/value-type.js';
import type { PubSubClient } from '@rxforce/core';
import { environmentOf, rxforceCodegenHere } from '../support/codegen-command.js';
import { literalOf, mistakesIn } from '../support/compiler.js';
import { clientOf } from '../../../core/test/support/emulated.js';

/** What an engineer writes with the module. */
const PROGRAM = `
import type { ChangeEvent, PubSubClient } from '@rxforce/core';
import { byChangeType, filterField, handle } from '@rxforce/operators';
import type { Account, AccountChange, Address, Entities, Lead, Order_Event__e, Project__c, Topics } from './salesforce.js';

declare const client: PubSubClient;

client
  .changes<Account>('Account')
  .pipe(
    byChangeType('CREATE', 'UPDATE'),
    filterField('AnnualRevenue', 'greaterThan', 1_000_000),
    filterField('BillingAddress.City', 'equals', 'Rome'),
    handle(async ({ data, header }: AccountChange) => {
      const revenue: number | null | undefined = data.AnnualRevenue;
      const address: Address | null | undefined = data.BillingAddress;
      const name = typeof data.Name === 'string' ? data.Name : data.Name?.LastName;
      const since = data.CreatedDate == null ? undefined : new Date(data.CreatedDate);
      console.log(header.recordIds, revenue, address?.City, name, since, data.Industry?.toLowerCase());
    }),
  )
  .subscribe();

client.changes<Project__c>('Project__c').subscribe(({ data }) => console.log(data.Name));
client.events<Order_Event__e>('/event/Order_Event__e').subscribe(({ data }) => new Date(data.CreatedDate));

const changesOf = <E extends keyof Entities>(entity: E) => client.changes<Entities[E]>(entity);
changesOf('Lead').subscribe(({ data }) => console.log(data.Company?.length));

const eventsOn = <T extends keyof Topics>(topic: T) => client.events<Topics[T]>(topic);
eventsOn('/event/Order_Event__e').subscribe(({ data }) => console.log(data.Amount__c?.toFixed(2)));

const isChangeOf = <E extends keyof Entities>(entity: E, event: ChangeEvent): event is ChangeEvent<Entities[E]> =>
  event.header.entityName === entity;
client.changes('/data/ChangeEvents').subscribe((event) => {
  if (isChangeOf('Account', event)) console.log(event.data.AnnualRevenue?.toFixed(0));
});

client
  .publish<Order_Event__e>('/event/Order_Event__e', { data: { Amount__c: 12.5, Ordered_At__c: new Date() } })
  .subscribe((result) => console.log(result.ok));

client.changes<Account>('Account', { fields: ['Name', 'AnnualRevenue'], onMismatch: 'error' });
client.changes<Account | Lead>('/data/ChangeEvents', { fields: ['AnnualRevenue', 'Company'] });
client.changes('Account', { fields: ['Anything'] });

// @ts-expect-error There is no such field to be read.
client.changes<Account>('Account', { fields: ['Nmae'] });
// @ts-expect-error A number is never above a text.
client.changes<Account>('Account').pipe(filterField('AnnualRevenue', 'greaterThan', '1000000'));
// @ts-expect-error A text is no number.
client.publish<Order_Event__e>('/event/Order_Event__e', { data: { Amount__c: '12.5' } });
// @ts-expect-error There is no such field.
client.changes<Account>('Account').pipe(filterField('AnualRevenue', 'greaterThan', 1));
// @ts-expect-error A number is no string.
client.changes<Account>('Account').subscribe(({ data }) => data.AnnualRevenue?.toLowerCase());
// @ts-expect-error There is no such object.
changesOf('Acount');
`;

/** What the org writes itself. */
const SYSTEM_FIELDS = ['CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById', 'IsDeleted'];

describe('What rxforce-codegen makes for the emulated org', function () {
  this.timeout(180_000);
  let emulator: Emulator;
  let client: PubSubClient;
  let text: string;
  let events: readonly EventType[];

  before(async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    client = clientOf(emulator);
    const topics = [...emulator.org.entities().map(({ topic }) => topic), '/event/Order_Event__e'];
    const ended = await rxforceCodegenHere(topics, environmentOf(emulator));
    expect(ended).to.include({ code: 0, stderr: '' });
    text = ended.stdout;
    const schemas = await Promise.all(topics.map(async (topic) => ({ topic, json: await schemaOf(topic) })));
    events = eventTypes(schemas);
  });

  after(async () => {
    client.close();
    await emulator.stop();
  });

  const schemaOf = async (topic: string): Promise<string> => {
    const { schemaId } = await firstValueFrom(client.topic(topic));
    return (await firstValueFrom(client.schema(schemaId!))).json;
  };

  it('compiles with a program that uses it, which would not compile with a wrong name or type', () => {
    expect(mistakesIn({ 'salesforce.ts': text, 'program.ts': PROGRAM })).to.deep.equal([]);
  });

  it('is formatted', async () => {
    expect(await prettier.format(text, { parser: 'typescript', printWidth: 120, singleQuote: true })).to.equal(text);
  });

  it('has exactly the fields of decoded change events, and the types of their values', async () => {
    const changes = events.filter(({ kind }) => kind === 'changes');
    for (const change of changes) changeEveryField(emulator, change);
    const count = emulator.log('/data/ChangeEvents').length;
    const all = client.changes('/data/ChangeEvents', { replay: 'earliest' }).pipe(take(count), toArray());
    const received = await firstValueFrom(all);
    const seen = new Set(received.flatMap(({ header, data }) => fieldsWithValues(header.entityName, data)));
    expect([...seen]).to.include.members(
      changes.flatMap(({ name, fields }) => fields.map((field) => `${name}.${field.name}`)),
    );
    expect(new Set(received.map(({ header }) => header.changeType)).size).to.equal(4);
    const claims = received.map(({ header, data }) => `claim<Entities['${header.entityName}']>(${literalOf(data)});`);
    expect(mistakesIn({ 'salesforce.ts': text, 'claims.ts': program('Entities', claims) })).to.deep.equal([]);
  });

  it('has exactly the fields of decoded platform events, and the types of their values', async () => {
    const topic = '/event/Order_Event__e';
    const type = parseSchema(await schemaOf(topic));
    const { schemaId, fields } = events.find((event) => event.topic === topic)!;
    const values = Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type)]));
    const nulls = Object.fromEntries(
      fields.map(({ name, type: of }) => [name, of.type === 'union' ? null : valueOf(of)]),
    );
    emulator.serveRecorded(topic, {
      schemas: [],
      events: [values, nulls].map((each, index) => ({
        event: { id: `order ${index}`, schemaId, payload: type.toBuffer(each).toString('base64') },
        replayId: Buffer.alloc(10, index + 1).toString('base64'),
      })),
    });
    const received = await firstValueFrom(client.events(topic, { replay: 'earliest' }).pipe(take(2), toArray()));
    const claims = received.map(({ data }) => `claim<Topics['${topic}']>(${literalOf(data)});`);
    expect(mistakesIn({ 'salesforce.ts': text, 'claims.ts': program('Topics', claims) })).to.deep.equal([]);
    expect(received[0]?.data).to.deep.equal(values);
  });
});

/** Creates a record with a value in every field, updates one of them, deletes the record and brings it back. */
function changeEveryField({ org }: Emulator, { name, fields }: EventType): void {
  const own = fields.filter((field) => !SYSTEM_FIELDS.includes(field.name));
  const values = Object.fromEntries(own.map((field) => [field.name, valueOf(field.type)]));
  const id = org.create(name, values as RecordInput);
  org.update(name, id, { Name: typeof values.Name === 'string' ? 'Another' : null });
  org.delete(name, id);
  org.undelete(name, id);
}

/** A value that the type has, and not null where it can have another. */
function valueOf(type: ValueType): unknown {
  switch (type.type) {
    case 'keyword':
      return { null: null, boolean: true, number: 7, bigint: 7n, string: 'text', Uint8Array: Buffer.of(7) }[type.text];
    case 'pick-list':
      return 'Banking';
    case 'array':
      return [valueOf(type.items)];
    case 'map':
      return { key: valueOf(type.values) };
    case 'union':
      return valueOf(type.branches.findLast((branch) => branch.type !== 'keyword' || branch.text !== 'null')!);
    case 'named':
      return type.definition.kind === 'enum'
        ? type.definition.symbols[0]
        : Object.fromEntries(type.definition.fields.map((field) => [field.name, valueOf(field.type)]));
  }
}

function fieldsWithValues(entity: string, data: object): string[] {
  return Object.entries(data).flatMap(([name, value]) => (value === null ? [] : [`${entity}.${name}`]));
}

/** A module that claims of values that they have a type, in the words of the generated one. */
function program(map: string, claims: readonly string[]): string {
  const head = `import type { ${map} } from './salesforce.js';\ndeclare function claim<T>(data: T): void;\n`;
  return head + claims.join('\n');
}
