import { expect } from 'chai';
import { changeSchema, payloadOf, THING } from '../../test/support/fake-service.js';
import { hasRecordedData, recordedEvents, recordedSchema } from '../../test/support/recorded.js';
import { DecodeError, SchemaError } from '../model/errors.js';
import { parseSchema, schemaIdOf } from './avro.js';
import { eventSchema } from './event-schema.js';

describe('eventSchema', () => {
  it('decodes a payload to its header and data', () => {
    const decoded = eventSchema(THING.json, THING.id).decoder()(payloadOf('x'));
    expect(decoded.data).to.deep.equal({ Name: 'x' });
    expect(decoded.header).to.include({ changeType: 'CREATE', commitNumber: 1_709_303_151_782_928_388n });
  });

  it('gives commitNumber as a bigint, also where a number would do', () => {
    const schema = eventSchema(THING.json, THING.id);
    const { type } = schema;
    const value = type.fromBuffer(payloadOf('x')) as { ChangeEventHeader: object };
    const small = type.toBuffer({ ...value, ChangeEventHeader: { ...value.ChangeEventHeader, commitNumber: 5 } });
    expect(schema.decoder()(small).header?.commitNumber).to.equal(5n);
  });

  it('refuses a schema that is not the one of the id', () => {
    expect(() => eventSchema(changeSchema('Other').json, THING.id))
      .to.throw(SchemaError, 'decoded to wrong values')
      .with.property('schemaId', THING.id);
  });

  it('refuses a schema that describes no record', () => {
    expect(() => eventSchema('"string"', 'EYu5hVcIzb_eRQJgXoSg4g')).to.throw(SchemaError);
  });

  it('refuses a schema that no reader can be made of', () => {
    const record = (fields: unknown[]) => JSON.stringify({ type: 'record', name: 'R', namespace: 'n', fields });
    const odd = [
      record([{ name: 'ChangeEventHeader', type: 'string' }]),
      record([{ name: 'again', type: ['null', 'n.R'], default: null }]),
    ];
    for (const json of odd) {
      expect(() => eventSchema(json, schemaIdOf(parseSchema(json)))).to.throw(
        SchemaError,
        /describes no event|contains itself/,
      );
    }
  });

  for (const [what, change] of [
    ['is truncated', (payload: Buffer) => payload.subarray(0, -1)],
    ['is empty', () => Buffer.alloc(0)],
    ['goes on after the last field', (payload: Buffer) => Buffer.concat([payload, Buffer.from([0])])],
  ] as const) {
    it(`gives a DecodeError and not a value, when the payload ${what}`, () => {
      expect(() => eventSchema(THING.json, THING.id).decoder()(change(payloadOf('x'))))
        .to.throw(DecodeError)
        .with.property('schemaId', THING.id);
    });
  }

  it('gives an error, when a payload of another schema happens to be read with this one', () => {
    const wider = changeSchema('Colour');
    expect(() => eventSchema(wider.json, wider.id).decoder()(payloadOf('x'))).to.throw(DecodeError);
  });

  it('leaves out the fields that are not wanted, and still reads to the end', () => {
    const wider = changeSchema('Colour', 'Size');
    const decode = eventSchema(wider.json, wider.id).decoder(['Colour', 'NotThere']);
    expect(decode(payloadOf('x', wider)).data).to.deep.equal({ Colour: null });
    expect(() => decode(payloadOf('x', wider).subarray(0, -1))).to.throw(DecodeError);
  });

  it('keeps decoders apart whose fields only look alike, also when many were made', () => {
    const wider = changeSchema('Colour', 'Size');
    const schema = eventSchema(wider.json, wider.id);
    const fieldsOf = (fields: readonly string[]) => Object.keys(schema.decoder(fields)(payloadOf('x', wider)).data);
    const seen = () => [fieldsOf(['Colour,Size']), fieldsOf(['Size', 'Colour']), fieldsOf(['Colour'])];
    const expected = [[], ['Colour', 'Size'], ['Colour']];
    expect(seen()).to.deep.equal(expected);
    expect(schema.decoder(['Size', 'Colour'])).to.equal(schema.decoder(['Colour', 'Size', 'Size']));
    for (let index = 0; index < 50; index++) schema.decoder([`Other${index}`]);
    expect(seen()).to.deep.equal(expected);
  });

  if (hasRecordedData) {
    const decode = () => eventSchema(recordedSchema('AccountChangeEvent.2023-07'), '4egfTTaxua4Y39nYlBXfNg').decoder();

    it('decodes recorded events to the values that another Avro library gave', () => {
      for (const { wire, decoded } of recordedEvents()) {
        const { header, data } = decode()(Buffer.from(wire.event.payload, 'base64'));
        const { ChangeEventHeader: expectedHeader, ...expectedData } = decoded;
        expect(data).to.deep.equal(expectedData);
        expect(header).to.deep.include({
          ...expectedHeader,
          commitNumber: BigInt(expectedHeader.commitNumber as number),
          changedFields: header?.changedFields,
        });
      }
    });

    it('names the fields behind recorded bitmaps', () => {
      const names = recordedEvents().map(
        ({ wire }) => decode()(Buffer.from(wire.event.payload, 'base64')).header?.changedFields,
      );
      expect(names).to.deep.equal([
        [],
        [],
        [],
        ['LastModifiedDate'],
        ['Some_Email__c', 'Some_Check_Box__c'],
        ['Some_Email__c'],
      ]);
    });
  }
});
