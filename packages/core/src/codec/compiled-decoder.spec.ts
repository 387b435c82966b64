import { expect } from 'chai';
import { changeSchema, payloadOf, THING } from '../../test/support/fake-service.js';
import type avro from 'avsc';
import { types } from './avsc.js';
import { parseSchema } from './avro.js';
import { compileDecoder } from './compiled-decoder.js';
import { decoderSource } from './decoder-source.js';
import { bitmapNames } from './event-record.js';
import { interpretingDecoder } from './payload-decoder.js';

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
