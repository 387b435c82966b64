import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import type { PubSubClient } from '@rxforce/core';
import { DATA_TYPES, startEmulator, type CustomFieldType, type Emulator, type FieldInput } from '@rxforce/emulator';
import { records } from '@rxforce/records';
import { clientOf } from '../../../core/test/support/emulated.js';
import { createdData, type Data } from '../support/org.js';

/** A value of each type that fields have in the emulator. */
const VALUES: Readonly<Record<CustomFieldType, FieldInput>> = {
  Text: 'a "quoted", text;\nof two lines',
  Phone: '+1 (555) 01-23',
  Url: 'https://example.com/?a=1&b=2',
  Email: 'ada@example.com',
  StaticEnum: 'Fixed',
  DynamicEnum: 'Hot',
  MultiEnum: 'north;south',
  StringPlusClob: 'long '.repeat(400),
  HtmlStringPlusClob: `<p>${'rich '.repeat(400)}</p>`,
  EncryptedText: 'secret 1234',
  EntityId: '003000000000001AAA',
  ExternalId: 'ext-1',
  Double: -12.75,
  Currency: 1_234_567.89,
  Percent: 12.5,
  Integer: 42,
  DateTime: Date.UTC(2026, 10, 28, 16, 37, 5),
  DateOnly: Date.UTC(1961, 3, 12),
  TimeOnly: 36_900_000,
  Boolean: true,
  Location: { Latitude: -33.86, Longitude: 151.21 },
};
const TYPES = [...Object.keys(DATA_TYPES), 'Location'] as CustomFieldType[];
const ADDRESS = { Street: 'Via Appia 1\nInt. 2', City: 'Rome', PostalCode: '00100', Country: 'Italy', Latitude: 41.9 };

describe('Records have the form of events', () => {
  let emulator: Emulator;
  let client: PubSubClient;
  const ids: Record<string, string[]> = {};

  before(async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    client = clientOf(emulator);
    const { org } = emulator;
    org.createObject('Thing__c', { fields: Object.fromEntries(TYPES.map((type) => [`A_${type}__c`, type])) });
    const full = Object.fromEntries(TYPES.map((type) => [`A_${type}__c`, VALUES[type]]));
    // Nothing is left to a default, as an event does not say false for a person where there is nothing.
    const person = { PersonHasOptedOutOfEmail: true, PersonHasOptedOutOfFax: false, PersonDoNotCall: false };
    const made: Record<string, Readonly<Record<string, FieldInput>>[]> = {
      Thing__c: [full, { Name: 'empty' }],
      Account: [
        { Name: 'Acme', BillingAddress: ADDRESS, ShippingAddress: { City: 'Oslo' }, AnnualRevenue: 5 },
        { Name: { FirstName: 'Ada', LastName: 'Lovelace' }, PersonMailingAddress: ADDRESS, ...person },
        { Name: { LastName: 'Turing' }, ...person, Headquarters__c: { Latitude: 51.99, Longitude: -0.74 } },
      ],
      Contact: [
        { Name: { Salutation: 'Ms.', FirstName: 'Grace', LastName: 'Hopper' }, MailingAddress: ADDRESS },
        { Name: { LastName: 'Lamarr' }, Birthdate: Date.UTC(1914, 10, 9), Interests__c: 'a;b;c' },
      ],
      Lead: [
        { Name: { LastName: 'Doe' }, Company: 'Acme', Address: ADDRESS, Visited__c: { Latitude: 0, Longitude: 0 } },
      ],
      Opportunity: [{ Name: 'Deal', StageName: 'Won', CloseDate: 0, Probability: 0, Amount: 0 }],
    };
    for (const [entity, all] of Object.entries(made)) ids[entity] = all.map((values) => org.create(entity, values));
  });

  after(async () => {
    client.close();
    await emulator.stop();
  });

  /** The records of an object by ids: read one by one, and all, by REST and by a job. */
  async function waysToRead(entity: string): Promise<Record<string, ReadonlyMap<string, Data | undefined>>> {
    const ways: Record<string, ReadonlyMap<string, Data | undefined>> = {};
    const one = records(client, entity);
    const each = await Promise.all(
      ids[entity]!.map(async (id): Promise<[string, Data | undefined]> => [id, await firstValueFrom(one.read(id))]),
    );
    ways['read()'] = new Map(each);
    for (const by of ['rest', 'bulk'] as const) {
      const all = await lastValueFrom(records(client, entity, { by }).all().pipe(toArray()));
      ways[by] = new Map(all.map(({ recordId, record }) => [recordId, record]));
    }
    return ways;
  }

  for (const entity of ['Thing__c', 'Account', 'Contact', 'Lead', 'Opportunity']) {
    it(`reads each ${entity} as its CREATE event had it, one by one, by REST and by a job`, async () => {
      const created = await createdData(emulator, client, entity);
      expect([...created.keys()]).to.deep.equal(ids[entity]);
      for (const [way, read] of Object.entries(await waysToRead(entity))) {
        for (const [id, data] of created) expect(read.get(id), `${way} of ${id}`).to.deep.equal(data);
        expect(read.size).to.equal(created.size);
      }
    });
  }

  for (const type of TYPES) {
    it(`reads a value of the type ${type}, and its absence`, async () => {
      const field = `A_${type}__c`;
      const [full = '', empty = ''] = ids.Thing__c!;
      const created = await createdData(emulator, client, 'Thing__c');
      // What is compared is there.
      expect(created.get(full)?.[field]).to.not.be.oneOf([null, undefined]);
      const none = type === 'Boolean' ? false : null;
      expect(created.get(empty)).to.have.property(field, none);
      for (const by of ['rest', 'bulk'] as const) {
        const all = records(client, 'Thing__c', { by, fields: [field] })
          .all()
          .pipe(toArray());
        const read = new Map((await lastValueFrom(all)).map(({ recordId, record }) => [recordId, record]));
        expect(read.get(full)).to.deep.equal({ [field]: created.get(full)?.[field] });
        expect(read.get(empty)).to.deep.equal({ [field]: none });
      }
    });
  }
});
