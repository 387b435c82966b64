import { expect } from 'chai';
import fc from 'fast-check';
import type { PubSubClient } from '@rxforce/core';
import { DATA_TYPES, startEmulator, type CustomFieldType, type Emulator, type FieldInput } from '@rxforce/emulator';
import { clientOf } from '../../../core/test/support/emulated.js';
import { createdData, pagesOf, rowsOf, watched } from '../support/org.js';

const TYPES = [...Object.keys(DATA_TYPES), 'Location'] as CustomFieldType[];
const RUNS = 40;

/** Texts that tables, JSON and queries could break. Salesforce has no empty ones, and none with half a character. */
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ minLength: 1, maxLength, unit: 'grapheme' }),
    fc.constantFrom('"', '""', ',', '\n', '\r\n', "'", '\\', 'null', 'true', '1', ' ', '\uFEFFa', '=1+1', '\u2028'),
  );
const moment = (step: number) =>
  fc.integer({ min: Math.ceil(-2e12 / step), max: Math.floor(4e12 / step) }).map((count) => count * step);
const decimal = fc.integer({ min: -1e12, max: 1e12 }).map((number) => number / 100);

/** Any value of a type; those that are not here are texts. */
const VALUES: Readonly<Partial<Record<CustomFieldType, fc.Arbitrary<FieldInput>>>> = {
  Location: fc.record({ Latitude: decimal, Longitude: fc.oneof(decimal, fc.constant(null)) }),
  Integer: fc.integer(),
  Boolean: fc.boolean(),
  DateTime: moment(1_000),
  DateOnly: moment(86_400_000),
  TimeOnly: fc.integer({ min: 0, max: 86_399_999 }),
  Double: decimal,
  Currency: decimal,
  Percent: decimal,
  EntityId: fc.constantFrom('001000000000001AAA', '005000000000009AAA'),
};

const valuesOf = (fields: Readonly<Record<string, CustomFieldType>>): fc.Arbitrary<Record<string, FieldInput>> =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, VALUES[type] ?? text(20)])), {
    requiredKeys: [],
  }) as fc.Arbitrary<Record<string, FieldInput>>;

/** An object with fields of any types, and records that have some of them. */
const anyObject = fc
  .uniqueArray(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 8 })
  .map((types) => Object.fromEntries(types.map((type) => [`${type}_Field__c`, type])))
  .chain((fields) =>
    fc.record({
      fields: fc.constant(fields),
      records: fc.array(valuesOf(fields), { maxLength: 12 }),
    }),
  );

describe('Bulk and REST give the same', function () {
  this.timeout(120_000);
  let emulator: Emulator;
  let client: PubSubClient;
  let objects = 0;

  before(async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    client = clientOf(emulator);
  });

  after(async () => {
    client.close();
    await emulator.stop();
  });

  it('rows, of any object and records, which are what its events had', async () => {
    let records = 0;
    await fc.assert(
      fc.asyncProperty(anyObject, async (object) => {
        const entity = `Any${++objects}__c`;
        emulator.org.createObject(entity, { fields: object.fields });
        for (const values of object.records) emulator.org.create(entity, values);
        records += object.records.length;
        const seen = watched(client);
        const [rest, bulk] = await Promise.all(
          (['rest', 'bulk'] as const).map(async (by) => pagesOf(await rowsOf(seen, entity, { by }))),
        );
        const rows = rest!.flatMap((page) => page.rows);
        const inOrder = [...bulk!.flatMap((page) => page.rows)].sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
        expect(inOrder).to.deep.equal(rows);
        const created = await createdData(emulator, client, entity);
        expect(new Map(rows.map(({ recordId, record }) => [recordId, record]))).to.deep.equal(created);
        expect(seen.pathsWith('/results')).to.have.length(1);
        for (const { modifiedAt, record } of rows) expect(modifiedAt).to.equal(record.LastModifiedDate);
      }),
      { numRuns: RUNS },
    );
    expect(records).to.be.above(RUNS);
  });
});
