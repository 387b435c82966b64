import { expect } from 'chai';
import { orderSchema, ORDERS, USER } from '../../test/support/fake-publish-service.js';
import { eventSchema } from '../codec/event-schema.js';
import { PublishError } from '../model/errors.js';
import { EventEncoder } from './event-encoder.js';
import { envelopeBytes } from './wire-size.js';

const { id: schemaId, json } = orderSchema();
const schema = eventSchema(json, schemaId);

function encoderWith(createdById: string | undefined, maxBatchBytes = 3_000_000) {
  return new EventEncoder(ORDERS, schema, { now: () => 42, createdById }, maxBatchBytes);
}

/** Encodes what JavaScript callers may give. */
const encode = (input: unknown, encoder = encoderWith(USER)) => encoder.encode(input as never, 'the id');
const dataOf = (payload: Buffer) => schema.decoder()(payload).data;

describe('EventEncoder', () => {
  it('fills in the time and the user, where the event does not say them', () => {
    const { event } = encode({ data: { Name__c: 'x' } }).unwrap();
    expect(dataOf(event.payload)).to.deep.equal({ CreatedDate: 42, CreatedById: USER, Name__c: 'x' });
    expect(event).to.deep.include({ id: 'the id', schemaId, headers: [] });
  });

  it('leaves what the event says', () => {
    const data = { CreatedDate: new Date(7), CreatedById: 'me', Name__c: null };
    expect(dataOf(encode({ data }).unwrap().event.payload)).to.deep.equal({ ...data, CreatedDate: 7 });
  });

  it('writes headers as bytes', () => {
    const { event } = encode({ data: {}, headers: { trace: 'ä', raw: Uint8Array.of(1, 2) } }).unwrap();
    expect(event.headers).to.deep.equal([
      { key: 'trace', value: Buffer.from('ä') },
      { key: 'raw', value: Buffer.of(1, 2) },
    ]);
  });

  it('says which field does not fit, and why, and never its value', () => {
    const error = encode({ data: { Name__c: 4711, Nmae__c: 'secret' } }).val as PublishError;
    expect(error).to.be.instanceOf(PublishError);
    expect(error).to.include({
      reason: 'invalid',
      outcome: 'not-published',
      eventId: 'the id',
      topic: ORDERS,
      schemaId,
    });
    expect(error.message).to.equal(
      `The event does not fit the schema of ${ORDERS} and was not sent: Nmae__c is no field of the schema (is it "Name__c"?); ` +
        'Name__c must be a text, but is a number.',
    );
    expect(error.problems).to.have.length(2);
    expect(JSON.stringify(error) + error.message).not.to.match(/4711|secret/);
  });

  it('asks for createdById, where nobody knows the user', () => {
    const message = (encode({ data: {} }, encoderWith(undefined)).val as PublishError).message;
    expect(message).to.match(/give createdById/);
  });

  for (const [what, input, path] of [
    ['null', null, 'event'],
    ['a text', 'x', 'event'],
    ['no data', {}, ''],
    ['the plain fields', { Name__c: 'x' }, ''],
    ['an empty id', { data: {}, id: '' }, 'id'],
    ['half a character in an id', { data: {}, id: 'x\ud83d' }, 'id'],
    ['a number as id', { data: {}, id: 5 }, 'id'],
    ['an array as headers', { data: {}, headers: [] }, 'headers'],
    ['a number in headers', { data: {}, headers: { a: 1 } }, 'headers'],
  ] as const) {
    it(`refuses ${what}`, () => {
      const error = encode(input).val as PublishError;
      expect(error).to.include({ reason: 'invalid' });
      expect(error.problems?.[0]?.path).to.equal(path);
    });
  }

  it('refuses what cannot be read, and says why in the cause only', () => {
    const data = {
      get Name__c() {
        throw new Error('secret');
      },
    };
    const error = encode({ data }).val as PublishError;
    expect(error).to.include({ reason: 'invalid', outcome: 'not-published', eventId: 'the id' });
    expect(error.message).to.include('throws when it is read').and.not.include('secret');
    expect(error.cause).to.have.property('message', 'secret');
  });

  it('takes an event of 1 MB, and none of a byte more', () => {
    const sizeOf = (length: number) => encode({ data: { Name__c: 'x'.repeat(length) } });
    const around = 1_048_576 - 200;
    let length = around;
    while (sizeOf(length).ok) length++;
    expect(length).to.be.within(around + 1, 1_048_576);
    expect(sizeOf(length - 1).unwrap().bytes).to.equal(1_048_576 + 4);
    const error = sizeOf(length).val as PublishError;
    expect(error).to.include({ reason: 'too-large', outcome: 'not-published' });
    expect(error.message).to.include('The event has 1048577 bytes').and.include('1048576');
  });

  it('takes none that does not fit into a request alone', () => {
    const alone = encode({ data: { Name__c: 'x' } }).unwrap().bytes + envelopeBytes(ORDERS);
    const data = { Name__c: 'x' };
    expect(encode({ data }, encoderWith(USER, alone)).ok).to.equal(true);
    expect(encode({ data }, encoderWith(USER, alone - 1)).val).to.include({ reason: 'too-large' });
  });
});
