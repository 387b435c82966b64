import { expect } from 'chai';
import { changeSchema, payloadOf, THING } from '../../test/support/fake-service.js';
import type avro from 'avsc';
import { types } from './avsc.js';
import { parseSchema } from './avro.js';
import { DecodeError, SchemaError } from '../model/errors.js';
import { compileDecoder } from './compiled-decoder.js';
import { decoderSource } from './decoder-source.js';
import { bitmapNames } from './event-record.js';
import { interpretingDecoder, payloadDecoder } from './payload-decoder.js';

function recordOf(json: string): avro.types.RecordType {
  const type = parseSchema(json);
  if (type instanceof types.RecordType) return type;
  throw new TypeError('The schema is no record.');
}

const THING_RECORD = recordOf(THING.json);

describe('compileDecoder', () => {
  const names = bitmapNames(THING_RECORD);
  const decode = compileDecoder(THING_RECORD, names);

  it('reads a payload in the middle of a message, and nothing around it', () => {
    const payload = payloadOf('x');
    const message = Buffer.concat([Buffer.from('before'), payload, Buffer.from('after')]);
    const decoded = decode?.(message, 6, 6 + payload.length);
    expect(decoded?.data).to.deep.equal({ Name: 'x' });
    expect(decoded).to.deep.equal(interpretingDecoder(THING_RECORD, THING.id, names)(payload));
  });

  it('refuses a payload that would go on in what follows it', () => {
    const payload = payloadOf('x');
    const message = Buffer.concat([payload, payload]);
    for (const end of [payload.length - 1, payload.length + 1]) expect(() => decode?.(message, 0, end)).to.throw();
  });

  it('makes headers and data as the interpreter does, with a header that prints', () => {
    const decoded = decode?.(payloadOf('x'), 0, payloadOf('x').length);
    const walked = interpretingDecoder(THING_RECORD, THING.id, names)(payloadOf('x'));
    expect(Object.getPrototypeOf(decoded?.header)).to.equal(Object.getPrototypeOf(walked.header));
    expect(Object.getPrototypeOf(decoded?.data)).to.equal(Object.prototype);
    expect(JSON.stringify(decoded?.header)).to.equal(JSON.stringify(walked.header));
  });

  it('reads a schema of many fields as the interpreter does, whole and in part, and refuses one that is cut off', () => {
    const many = Array.from({ length: 300 }, (_, index) => `Field${index}`);
    const record = recordOf(changeSchema(...many).json);
    const names = bitmapNames(record);
    const { ChangeEventHeader: header } = THING_RECORD.fromBuffer(payloadOf('x')) as Record<string, unknown>;
    const values = many.map((name, index) => [name, index % 3 === 0 ? null : `value ${index}`]);
    const payload = record.toBuffer({ ChangeEventHeader: header, Name: 'x', ...Object.fromEntries(values) });
    for (const wanted of [undefined, new Set(['Field1', 'Field64', 'Field299']), new Set<string>()]) {
      const compiled = compileDecoder(record, names, wanted);
      const walked = interpretingDecoder(record, 'id', names, wanted)(payload);
      expect(compiled?.(payload, 0, payload.length)).to.deep.equal(walked);
      expect(Object.keys(walked.data)).to.have.length(wanted?.size ?? 301);
      expect(() => compiled?.(payload, 0, payload.length - 1)).to.throw();
    }
  });

  for (const [field, type, values] of [
    ['commitNumber', 'int', [5, -1]],
    ['commitNumber', ['null', 'long'], [5, null]],
    ['diffFields', ['null', { type: 'array', items: 'string' }], [['0x02'], [], null]],
    ['changedFields', { type: 'array', items: 'string' }, [[], ['0x02', '0-0x1']]],
  ] as const) {
    it(`reads a header whose ${field} is ${JSON.stringify(type)} as the interpreter does`, () => {
      const schema = JSON.parse(THING.json) as { fields: { type: { fields: { name: string; type: unknown }[] } }[] };
      const inner = schema.fields[0]!.type.fields.find(({ name }) => name === field)!;
      inner.type = type;
      const record = recordOf(JSON.stringify(schema));
      const own = bitmapNames(record);
      const { ChangeEventHeader: header } = THING_RECORD.fromBuffer(payloadOf('x')) as { ChangeEventHeader: object };
      for (const value of values) {
        const payload = record.toBuffer({
          ChangeEventHeader: { commitNumber: 7, ...header, [field]: value },
          Name: 'x',
        });
        const compiled = () => compileDecoder(record, own)?.(payload, 0, payload.length);
        if (value === null) expect(compiled).to.throw();
        else expect(compiled()).to.deep.equal(interpretingDecoder(record, 'id', own)(payload));
      }
    });
  }

  it('makes data that JSON can hold where it has bigints, and plain data again after that', () => {
    const fields = [{ name: 'big', type: 'long' }];
    const record = recordOf(JSON.stringify({ type: 'record', name: 'R', fields }));
    const read = compileDecoder(record, bitmapNames(record))!;
    const dataOf = (big: number | bigint) => {
      const payload = record.toBuffer({ big });
      return read(payload, 0, payload.length).data;
    };
    expect(JSON.stringify(dataOf(2n ** 60n))).to.equal(`{"big":"${2n ** 60n}"}`);
    expect(Reflect.ownKeys(dataOf(5))).to.deep.equal(['big']);
  });

  it('refuses a few bytes that stand for many values', () => {
    const nulls = Array.from({ length: 90 }, (_, index) => ({ name: `f${index}`, type: 'null' }));
    const none = { name: 'none', type: { type: 'record', name: 'None', fields: nulls } };
    const item = { type: 'record', name: 'Item', fields: [{ name: 'a', type: 'boolean' }, none] };
    const fields = [{ name: 'all', type: { type: 'array', items: item } }];
    const record = recordOf(JSON.stringify({ type: 'record', name: 'R', fields }));
    // Two blocks of an item each.
    const payload = Buffer.from([2, 1, 2, 1, 0]);
    expect(() => compileDecoder(record, bitmapNames(record))?.(payload, 0, payload.length)).to.throw();
  });

  it('lets no text of a schema into the code but names', () => {
    const evil = 'x=0;globalThis.isOwned=true;//';
    const odd = [
      { name: evil, type: 'int' },
      { name: 'x\nisOwned', type: 'int' },
      { name: 'x', type: { type: 'enum', name: 'E', symbols: [evil] } },
    ];
    for (const field of odd) {
      expect(() => parseSchema(JSON.stringify({ type: 'record', name: 'R', fields: [field] }))).to.throw(SchemaError);
    }
  });

  it('leaves schemas to the interpreter whose header lacks a bitmap', () => {
    const json = THING.json.replace('{"name":"diffFields","type":{"type":"array","items":"string"}},', '');
    expect(json).not.to.equal(THING.json);
    expect(compileDecoder(recordOf(json), names)).to.equal(undefined);
  });
});

describe('decoderSource', () => {
  it('says which field it reads where, and makes nothing of those that are not wanted', () => {
    const source = decoderSource(recordOf(changeSchema('Colour').json), new Set(['Colour']));
    expect(source).to.match(/^ {2}\/\/ Name$/m);
    const [, variable = 'none'] = /^ {2}let (v\d+); \/\/ Colour$/m.exec(source) ?? [];
    expect(source).to.include(`const data = { Colour: ${variable} };`);
  });

  it('writes a record inside once, however often it is used', () => {
    const part = { type: 'record', name: 'Part', fields: [{ name: 'x', type: 'int' }] };
    const fields = [
      { name: 'a', type: part },
      { name: 'b', type: 'Part' },
      { name: 'c', type: { type: 'array', items: 'Part' } },
    ];
    const source = decoderSource(recordOf(JSON.stringify({ type: 'record', name: 'Whole', fields })));
    expect(source.match(/function read/g)).to.have.length(1);
    expect(source.match(/= read0\(/g)).to.have.length(3);
  });
});

describe('payloadDecoder', () => {
  const decode = payloadDecoder(THING_RECORD, THING.id, bitmapNames(THING_RECORD));
  const at = (payload: Buffer) => ({
    message: Buffer.concat([Buffer.from('before'), payload]),
    end: 6 + payload.length,
  });

  it('reads what only the interpreter reads, in the middle of a message: a number in more bytes than it needs', () => {
    // The branch of the last field, Name, is null: 0, in two bytes.
    const payload = payloadOf('');
    const wide = Buffer.concat([payload.subarray(0, -2), Buffer.from([0x80, 0x00])]);
    const { message, end } = at(wide);
    expect(decode(message, 6, end).data).to.deep.equal({ Name: null });
  });

  it('says what is wrong by the place in the payload, and not in its message', () => {
    const payload = payloadOf('x');
    const { message, end } = at(payload.subarray(0, -1));
    const bytes = payload.length - 1;
    expect(() => decode(message, 6, end)).to.throw(DecodeError, `has ${bytes} bytes`);
  });
});
