import avro from 'avsc';
import { expect } from 'chai';
import fc from 'fast-check';
import { DecodeError, SchemaError } from '../model/errors.js';
import { parseSchema } from './avro.js';
import { Cursor } from './cursor.js';
import { readerOf } from './reader.js';

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const asRead = (value: bigint) => (BigInt.asIntN(54, value) === value ? Number(value) : value);

/** Avro schemas, each with the values it takes. */
const kinds: Record<string, readonly [unknown, fc.Arbitrary<unknown>]> = {
  null: ['null', fc.constant(null)],
  boolean: ['boolean', fc.boolean()],
  int: ['int', fc.integer()],
  long: ['long', long.map(asRead)],
  float: ['float', fc.float({ noNaN: true })],
  double: ['double', fc.double({ noNaN: true })],
  string: ['string', fc.string({ unit: 'binary', maxLength: 40 })],
  'long string': ['string', fc.string({ minLength: 5000, maxLength: 6000 })],
  bytes: ['bytes', fc.uint8Array().map((bytes) => Buffer.from(bytes))],
  fixed: [
    { type: 'fixed', name: 'F', size: 4 },
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  ],
  enum: [{ type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] }, fc.constantFrom('A', 'B', 'C')],
  array: [{ type: 'array', items: 'string' }, fc.array(fc.string())],
  map: [{ type: 'map', values: 'int' }, fc.dictionary(fc.string({ minLength: 1 }), fc.integer())],
  union: [
    ['null', 'string', { type: 'record', name: 'R', fields: [{ name: 'x', type: ['null', 'int'] }] }],
    fc.oneof(fc.constant(null), fc.string(), fc.record({ x: fc.option(fc.integer()) })),
  ],
  record: [
    {
      type: 'record',
      name: 'Rec',
      fields: [
        { name: 'a', type: ['null', 'string'] },
        { name: 'b', type: 'long' },
        { name: 'c', type: ['null', 'double'] },
      ],
    },
    fc.record({ a: fc.option(fc.string()), b: long.map(asRead), c: fc.option(fc.double({ noNaN: true })) }),
  ],
};

describe('readerOf', () => {
  for (const [name, [schema, values]] of Object.entries(kinds)) {
    const type = parseSchema(JSON.stringify(schema));
    const read = readerOf(type);

    it(`reads what avsc wrote, for ${name}`, () => {
      fc.assert(
        fc.property(values, (value) => {
          const cursor = new Cursor(type.toBuffer(value));
          expect(read(cursor)).to.deep.equal(value);
          expect(cursor.position).to.equal(cursor.bytes.length);
        }),
      );
    });

    it(`gives a typed error or a value within the payload, for ${name} from random bytes`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
          const cursor = new Cursor(Buffer.from(bytes));
          try {
            read(cursor);
          } catch (error) {
            expect(error).to.be.instanceOf(DecodeError);
          }
          expect(cursor.position).to.be.at.most(bytes.length);
        }),
      );
    });

    it(`never reads past the end of a truncated payload, for ${name}`, () => {
      fc.assert(
        fc.property(values, fc.nat(), (value, cut) => {
          const whole = type.toBuffer(value);
          if (whole.length === 0) return;
          const payload = whole.subarray(0, cut % whole.length);
          const cursor = new Cursor(payload);
          try {
            read(cursor);
            // A record of nulls may end early and be complete; then the value was all in the part kept.
            expect(cursor.position).to.be.at.most(payload.length);
          } catch (error) {
            expect(error).to.be.instanceOf(DecodeError);
          }
        }),
      );
    });
  }

  it('reads arrays and maps whose blocks tell their size', () => {
    const items = readerOf(parseSchema('{"type":"array","items":"int"}'));
    // A block of 2 items and 2 bytes, then the end.
    expect(items(new Cursor(Buffer.from([0x03, 0x04, 0x02, 0x04, 0x00])))).to.deep.equal([1, 2]);
  });

  it('refuses a count of items that the payload cannot hold, without allocating for it', () => {
    const items = readerOf(parseSchema('{"type":"array","items":"null"}'));
    for (const many of [1, 1_000, 2 ** 31 - 1]) {
      const count = parseSchema('"int"').toBuffer(many);
      expect(() => items(new Cursor(count))).to.throw(DecodeError, `${many} items`);
    }
  });

  it('reads text that is not ASCII', () => {
    const type = parseSchema('"string"');
    expect(readerOf(type)(new Cursor(type.toBuffer('Zürich 東京 🚀')))).to.equal('Zürich 東京 🚀');
  });

  it('takes a union by the branch that the payload names, when two branches look alike', () => {
    const schema = { type: 'record', name: 'A', fields: [{ name: 'x', type: 'int' }] };
    const type = parseSchema(JSON.stringify(['null', schema, { ...schema, name: 'B' }]));
    expect(readerOf(type)(new Cursor(Buffer.from([0x04, 0x02])))).to.deep.equal({ x: 1 });
  });

  it('refuses a type that no event uses', () => {
    class Odd extends avro.types.LogicalType {}
    const type = avro.Type.forSchema({ type: 'int', logicalType: 'odd' }, { logicalTypes: { odd: Odd } });
    expect(() => readerOf(type)).to.throw(SchemaError, 'logical:odd');
  });
});
