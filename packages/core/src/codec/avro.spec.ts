import { expect } from 'chai';
import { hasRecordedData, RECORDED_SCHEMAS, recordedSchema } from '../../test/support/recorded.js';
import { SchemaError } from '../model/errors.js';
import { parseSchema, schemaIdOf } from './avro.js';

describe('schemaIdOf', () => {
  it('is the base64url MD5 of the canonical form, whatever the text looks like', () => {
    const plain = '{"type":"record","name":"A","namespace":"n","fields":[{"name":"f","type":["null","string"]}]}';
    const dressed =
      '{"namespace":"n","doc":"x","name":"A","type":"record",' +
      '"fields":[{"doc":"y","default":null,"name":"f","type":["null",{"type":"string"}]}]}';
    expect(schemaIdOf(parseSchema(plain))).to.equal('D240CUPwCtni_2TsvD9w4A');
    expect(schemaIdOf(parseSchema(dressed))).to.equal('D240CUPwCtni_2TsvD9w4A');
  });

  if (hasRecordedData) {
    for (const [name, id] of RECORDED_SCHEMAS) {
      it(`is the service's own id for ${name}`, () => {
        expect(schemaIdOf(parseSchema(recordedSchema(name)))).to.equal(id);
      });
    }
  }
});

describe('parseSchema', () => {
  it('writes longs from numbers and bigints, exactly', () => {
    const type = parseSchema('"long"');
    for (const value of [0, -1, 2 ** 53 - 1, 1_709_303_151_782_928_388n, -(2n ** 63n), 2n ** 63n - 1n]) {
      expect(type.fromBuffer(type.toBuffer(value))).to.equal(value);
    }
    expect(type.isValid(2n ** 63n)).to.equal(false);
    expect(type.isValid(1.5)).to.equal(false);
  });

  for (const text of ['', 'no', '{"type":"recrod"}', '<html>']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseSchema(text)).to.throw(SchemaError, 'not an Avro schema');
    });
  }
});
