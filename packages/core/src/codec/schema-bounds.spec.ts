import { expect } from 'chai';
import { THING } from '../../test/support/fake-service.js';
import { DecodeError, SchemaError } from '../model/errors.js';
import { parseSchema, schemaIdOf } from './avro.js';
import { Cursor } from './cursor.js';
import { eventSchema, type EventSchema } from './event-schema.js';
import { readerOf } from './reader.js';

interface Named {
  readonly name: string;
  readonly type: unknown;
}

function record(name: string, fields: readonly Named[]): object {
  return { type: 'record', name, fields };
}

/** Each level has the one below twice: the first time it is defined, then it is named. */
function doubling(levels: number, leaf: unknown): unknown {
  if (levels === 0) return leaf;
  const below = doubling(levels - 1, leaf);
  const again = levels === 1 ? nameOf(leaf) : `L${levels - 1}`;
  return record(`L${levels}`, [
    { name: 'a', type: below },
    { name: 'b', type: again },
  ]);
}

function nameOf(type: unknown): unknown {
  return Array.isArray(type) ? type : ((Object(type) as { readonly name?: string }).name ?? type);
}

function schemaOf(schema: unknown): EventSchema {
  const json = JSON.stringify(schema);
  return eventSchema(json, schemaIdOf(parseSchema(json)));
}

describe('A schema that stands for more than it says', () => {
  it('is read, when its types are used often and it is still an event', () => {
    const { decoder } = schemaOf(doubling(8, ['null', 'string']));
    const decoded = decoder()(Buffer.alloc(2 ** 8));
    expect(decoded.data).to.have.nested.property('a.b.a.b.a.b.a.b', null);
  });

  for (const [what, leaf] of [
    ['texts', 'string'],
    ['nulls, of which a payload has no byte', 'null'],
    ['records without fields', record('Empty', [])],
  ] as const) {
    it(`is refused, when a type is used twice at each of 40 levels: ${what}`, () => {
      const json = JSON.stringify(doubling(40, leaf));
      expect(json.length).to.be.lessThan(4_096);
      expect(() => parseSchema(json)).to.throw(SchemaError, 'more than 10000 fields');
    });
  }

  it('is refused as soon, when each of those has a default, which stands for all that is in it', () => {
    const withDefaults = (levels: number): unknown =>
      levels === 0
        ? { type: 'record', name: 'L0', fields: [{ name: 'n', type: ['null', 'int'], default: null }] }
        : record(`L${levels}`, [
            { name: 'a', type: withDefaults(levels - 1), default: {} } as Named,
            { name: 'b', type: `L${levels - 1}`, default: {} } as Named,
          ]);
    const json = JSON.stringify(withDefaults(40));
    expect(json.length).to.be.lessThan(8_192);
    expect(() => parseSchema(json)).to.throw(SchemaError, 'more than 10000 fields');
  });

  it('is refused, when it is longer than any event has one', () => {
    const json = JSON.stringify({ ...record('Long', []), doc: 'x'.repeat(8_000_000) });
    expect(() => parseSchema(json)).to.throw(SchemaError, "No event's has more than 8000000");
  });

  it('is refused, when it is deeper than any event: by arrays, and by records that are named', () => {
    const arrays = `${'{"type":"array","items":'.repeat(200)}"int"${'}'.repeat(200)}`;
    expect(() => parseSchema(arrays)).to.throw(SchemaError, 'inside each other');
    const chain = Array.from({ length: 100 }, (_, index) => ({
      name: `f${index}`,
      type: record(`R${index}`, [{ name: 'x', type: index === 0 ? 'int' : `R${index - 1}` }]),
    }));
    expect(() => parseSchema(JSON.stringify(record('Chain', chain)))).to.throw(SchemaError, 'inside each other');
  });

  it('is refused and not the end of the process, when it is as deep as no parser can go', () => {
    const levels = 100_000;
    const deep = `${'{"type":"array","items":'.repeat(levels)}"int"${'}'.repeat(levels)}`;
    expect(() => parseSchema(deep)).to.throw(SchemaError);
  });

  it('is refused, when a type contains itself', () => {
    const own = record('Own', [{ name: 'again', type: ['null', 'Own'] }]);
    expect(() => parseSchema(JSON.stringify(own))).to.throw(SchemaError, 'contains itself');
  });
});

describe('A payload that stands for more than it has bytes', () => {
  const blocks = (count: number) =>
    Buffer.concat([...Array.from({ length: count }, () => Buffer.from([0x7e])), Buffer.from([0])]);

  for (const [what, items] of [
    ['nulls', 'null'],
    ['records without fields', record('Empty', [])],
    ['records of nothing but nulls', record('Nulls', [{ name: 'a', type: 'null' }])],
    ['bytes of no length', { type: 'fixed', name: 'None', size: 0 }],
  ] as const) {
    it(`is undecodable: an array of ${what}, in block after block`, () => {
      const read = readerOf(parseSchema(JSON.stringify({ type: 'array', items })));
      expect(() => read(new Cursor(blocks(4_000)))).to.throw(DecodeError, 'values that take no byte');
    });
  }

  it('is undecodable: each small item has a record of many nulls', () => {
    const wide = record(
      'Wide',
      Array.from({ length: 1_000 }, (_, index) => ({ name: `n${index}`, type: 'null' })),
    );
    const item = record('Item', [
      { name: 'x', type: 'boolean' },
      { name: 'wide', type: wide },
    ]);
    const read = readerOf(parseSchema(JSON.stringify({ type: 'array', items: item })));
    const payload = Buffer.concat([Buffer.from([0x7e]), Buffer.alloc(63), Buffer.from([0])]);
    expect(() => read(new Cursor(payload))).to.throw(DecodeError, 'values that take no byte');
  });

  it('is read, when it is an array of records as they are', () => {
    const item = record('Item', [{ name: 'x', type: ['null', 'string'] }]);
    const read = readerOf(parseSchema(JSON.stringify({ type: 'array', items: item })));
    expect(read(new Cursor(Buffer.concat([Buffer.from([0x7e]), Buffer.alloc(63), Buffer.from([0])])))).to.have.length(
      63,
    );
  });
});

describe('A schema whose names all objects have', () => {
  it('is read to fields of its records', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const schema = schemaOf(
      record(
        'Odd',
        names.map((name) => ({ name, type: ['null', 'string'] })),
      ),
    );
    const { data } = schema.decoder()(Buffer.from([2, 2, 0x78, 0, 0, 0]));
    expect(Object.keys(data).sort()).to.deep.equal([...names].sort());
    expect(Object.getPrototypeOf(data)).to.equal(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(data, '__proto__')?.value).to.equal('x');
  });

  it('has types of its own by such names', () => {
    const named = record('Named', [{ name: 'a', type: { type: 'enum', name: 'constructor', symbols: ['X'] } }]);
    expect(schemaOf(named).decoder()(Buffer.from([0])).data).to.deep.equal({ a: 'X' });
    const unknown = record('Unknown', [{ name: 'a', type: 'toString' }]);
    expect(() => parseSchema(JSON.stringify(unknown))).to.throw(SchemaError);
  });
});

describe('The data of a field in an error', () => {
  it('is not there, when a header has what is no bitmap', () => {
    const schema = THING;
    const { type } = eventSchema(schema.json, schema.id);
    const header = {
      ...{ entityName: 'Thing', recordIds: ['1'], changeType: 'UPDATE', changeOrigin: '', transactionKey: 't' },
      ...{ sequenceNumber: 1, commitTimestamp: 1, commitNumber: 1, commitUser: 'u' },
      ...{ nulledFields: [], diffFields: [], changedFields: ['0x02', 'Jane Doe, 4111 1111'] },
    };
    const decode = eventSchema(schema.json, schema.id).decoder();
    const payload = type.toBuffer({ ChangeEventHeader: header, Name: null });
    expect(() => decode(payload))
      .to.throw(DecodeError, /Element 2 .* a text of 19 characters, is not a field bitmap/)
      .and.satisfy((error: Error) => !/Jane|4111/.test(JSON.stringify(error)));
  });
});
