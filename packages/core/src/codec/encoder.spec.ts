import { expect } from 'chai';
import fc from 'fast-check';
import { parseSchema, schemaIdOf } from './avro.js';
import type { FieldProblem } from '../model/field-problem.js';
import { payloadEncoder } from './encoder.js';
import { eventSchema } from './event-schema.js';

const ADDRESS = {
  type: 'record',
  name: 'Address',
  fields: [
    { name: 'City', type: ['null', 'string'], default: null },
    { name: 'Latitude', type: ['null', 'double'], default: null },
  ],
};

const FIELDS = [
  { name: 'CreatedDate', type: 'long', doc: 'CreatedDate:DateTime' },
  { name: 'CreatedById', type: 'string', doc: 'CreatedBy:EntityId' },
  { name: 'Number__c', type: ['null', 'string'], doc: 'Data:Text:00N1', default: null },
  { name: 'Amount__c', type: ['null', 'double'], doc: 'Data:Double:00N2', default: null },
  { name: 'Count__c', type: ['null', 'int'], doc: 'Data:Integer:00N3', default: null },
  { name: 'Big__c', type: ['null', 'long'], doc: 'Data:Long:00N4', default: null },
  { name: 'Day__c', type: ['null', 'long'], doc: 'Data:DateOnly:00N5', default: null },
  { name: 'Shipped__c', type: ['null', 'boolean'], doc: 'Data:Boolean:00N6', default: null },
  { name: 'Place__c', type: ['null', ADDRESS], default: null },
  { name: 'Name', type: ['null', 'string', 'Address'], default: null },
  { name: 'Tags__c', type: ['null', { type: 'array', items: 'string' }], default: null },
  { name: 'Level__c', type: ['null', { type: 'enum', name: 'Level', symbols: ['LOW', 'HIGH'] }], default: null },
  { name: 'Raw__c', type: ['null', 'bytes'], default: null },
  { name: 'Ratio__c', type: ['null', 'float'], default: null },
  { name: 'Either__c', type: ['null', 'int', 'double'], default: null },
];

const JSON_TEXT = JSON.stringify({ type: 'record', name: 'Order__e', fields: FIELDS });
const TYPE = parseSchema(JSON_TEXT);
const decode = eventSchema(JSON_TEXT, schemaIdOf(TYPE)).decoder();
const encode = payloadEncoder(TYPE);
const REQUIRED = { CreatedDate: 1_700_000_000_000, CreatedById: '005' };

function written(data: object): Record<string, unknown> {
  return decode(encode({ ...REQUIRED, ...data }).unwrap()).data;
}

function problems(data: unknown): readonly FieldProblem[] {
  const result = encode(data);
  return result.ok ? [] : result.val;
}

/** What is wrong with one field. */
function problemOf(name: string, value: unknown): FieldProblem | undefined {
  return problems({ ...REQUIRED, [name]: value })[0];
}

describe('payloadEncoder', () => {
  it('writes plain values into unions, records and arrays', () => {
    const data = {
      Number__c: 'Ä-1',
      Amount__c: 1.5,
      Count__c: -7,
      Shipped__c: false,
      Place__c: { City: 'Oslo', Latitude: 59.9 },
      Tags__c: ['a', 'b'],
      Level__c: 'HIGH',
      Ratio__c: 0.5,
    };
    expect(written(data)).to.include(REQUIRED).and.to.deep.include(data);
  });

  it('writes null for what is left out, undefined or null', () => {
    const read = written({ Number__c: undefined, Amount__c: null });
    expect(Object.values(read).filter((value) => value !== null)).to.have.members(Object.values(REQUIRED));
  });

  it('writes bigints and numbers exactly', () => {
    for (const value of [9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n, 1_709_303_151_782_928_388n]) {
      expect(written({ Big__c: value }).Big__c).to.equal(value);
    }
    expect(written({ Big__c: 5n }).Big__c).to.equal(5);
    expect(written({ Count__c: 5n }).Count__c).to.equal(5);
  });

  it('writes half a character as the mark that stands for one, however long the text is', () => {
    for (const length of [0, 100]) {
      const text = 'x'.repeat(length);
      expect(written({ Number__c: `${text}\ud83d` }).Number__c).to.equal(`${text}\ufffd`);
      expect(written({ Tags__c: [`\ude00${text}`] }).Tags__c).to.deep.equal([`\ufffd${text}`]);
    }
    expect(written({ Number__c: '😀' }).Number__c).to.equal('😀');
  });

  it('writes a Date where the field is a date or a time, and nowhere else', () => {
    const date = new Date('2026-02-03T04:05:06.007Z');
    const read = written({ CreatedDate: date, Day__c: date });
    expect(read).to.include({ CreatedDate: date.getTime(), Day__c: date.getTime() });
    expect(problemOf('Big__c', date)).to.deep.equal({
      path: 'Big__c',
      expected: 'a whole number (a bigint beyond 2^53)',
      actual: 'a Date',
    });
  });

  it('takes the branch that fits, where a union has several', () => {
    expect(written({ Name: 'Acme' }).Name).to.equal('Acme');
    expect(written({ Name: { City: 'Oslo' } }).Name).to.deep.equal({ City: 'Oslo', Latitude: null });
    expect(written({ Either__c: 3 }).Either__c).to.equal(3);
    expect(written({ Either__c: 3.5 }).Either__c).to.equal(3.5);
    expect(problemOf('Name', 5)).to.deep.equal({
      path: 'Name',
      expected: 'a value of "string" or "Address"',
      actual: 'a number',
    });
  });

  it('says nothing of the value, when it is of another kind', () => {
    const secret = 'secret-4711';
    const wrong: Readonly<Record<string, unknown>> = {
      Amount__c: secret,
      Count__c: secret,
      Big__c: secret,
      Shipped__c: secret,
      Place__c: secret,
      Tags__c: secret,
      Level__c: secret,
      Raw__c: secret,
      Number__c: { secret },
      Name: [secret],
    };
    const found = problems({ ...REQUIRED, ...wrong });
    expect(found.map(({ path }) => path)).to.have.members(Object.keys(wrong));
    expect(JSON.stringify(found)).not.to.include(secret);
  });

  it('says nothing of a value that calls its class by a name of its own, and stands one without a class', () => {
    const named = Object.assign(new Map(), { constructor: { name: 'secret' } });
    expect(problemOf('Place__c', named)?.actual).to.equal('an object of Map');
    const bare = Object.create(Object.create(Object.create(null) as object) as object) as object;
    expect(problemOf('Place__c', bare)?.actual).to.equal('an object of a class');
  });

  const kinds: [string, unknown, string][] = [
    ['Amount__c', NaN, 'not a number (NaN)'],
    ['Amount__c', Infinity, 'infinite'],
    ['Ratio__c', 1e300, 'a number beyond 2^53'],
    ['Count__c', 1.5, 'a number with a fraction'],
    ['Count__c', 2 ** 31, 'a number'],
    ['Count__c', 2n ** 40n, 'a bigint'],
    ['Big__c', 2 ** 53, 'a number beyond 2^53'],
    ['Big__c', 2n ** 63n, 'a bigint of more than 64 bits'],
    ['CreatedDate', new Date(NaN), 'an invalid Date'],
    ['CreatedDate', '2026-01-01', 'a text'],
    ['CreatedDate', undefined, 'missing'],
    ['CreatedDate', null, 'null'],
    ['Place__c', new Date(0), 'a Date'],
    ['Place__c', new Map(), 'an object of Map'],
  ];
  for (const [path, value, actual] of kinds) {
    it(`refuses ${actual} for ${path}`, () => {
      expect(problemOf(path, value)).to.include({ path, actual });
    });
  }

  it('names all that is wrong, by path', () => {
    const found = problems({ CreatedById: 5, Place__c: { City: 1, Land: 'N' }, Tags__c: ['a', 2], Level__c: 'MID' });
    expect(found.map(({ path }) => path)).to.have.members([
      'CreatedDate',
      'CreatedById',
      'Place__c.City',
      'Place__c.Land',
      'Tags__c[1]',
      'Level__c',
    ]);
    expect(found.find(({ path }) => path === 'Level__c')?.expected).to.equal('one of LOW, HIGH');
  });

  it('suggests the field that was probably meant by a name that is none', () => {
    const suggestions = {
      number__c: 'Number__c',
      Number: 'Number__c',
      Amuont__c: 'Amount__c',
      createdbyid: 'CreatedById',
    };
    for (const [name, meant] of Object.entries(suggestions)) {
      expect(problemOf(name, 'x')).to.deep.equal({
        path: name,
        expected: `"${meant}"`,
        actual: 'no field of the schema',
      });
    }
    expect(problemOf('Zzzzzz__c', 'x')?.expected).to.match(/^one of CreatedDate, /);
  });

  it('takes names of the prototype for what they are', () => {
    expect(problems(JSON.parse('{"CreatedDate":1,"CreatedById":"5","__proto__":1}'))[0]?.path).to.equal('__proto__');
    expect(problemOf('constructor', 'x')?.path).to.equal('constructor');
  });

  for (const data of [null, undefined, [], 'x', new Date()]) {
    it(`refuses ${String(data)} as an event`, () => {
      expect(problems(data)).to.have.length(1);
    });
  }

  it('writes what the decoder reads back', () => {
    const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
    const events = fc.record({
      CreatedDate: fc.maxSafeInteger(),
      CreatedById: fc.string({ unit: 'grapheme' }),
      Number__c: nullable(fc.string({ unit: 'grapheme' })),
      Amount__c: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
      Count__c: nullable(fc.integer()),
      Big__c: nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      Shipped__c: nullable(fc.boolean()),
      Tags__c: nullable(fc.array(fc.string())),
    });
    fc.assert(
      fc.property(events, (event) => {
        const { Big__c: big, ...others } = decode(encode(event).unwrap()).data;
        const { Big__c: given, ...rest } = event;
        expect(others).to.deep.include(rest);
        expect(big === null ? null : BigInt(big as number)).to.equal(given);
      }),
    );
  });
});
