import assert from 'node:assert/strict';
import { expect } from 'chai';
import { changeEvent } from '../testing/change-event.js';
import { HEADER_PROTOTYPE, headerWith } from './change-header.js';
import { AuthenticationError, PublishError, ServiceError, ConnectionError, type RxforceError } from './errors.js';
import { asText, isForReading, jsonOf } from './json.js';
import { ReplayId } from './replay-id.js';

const read = (value: unknown) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

describe('Errors in JSON', () => {
  it('say what happened, and not where', () => {
    const error = new ServiceError('The stream broke.', { retriable: true, rpcId: 'r-1', topic: '/data/X' });
    expect(read(error)).to.deep.equal({
      name: 'ServiceError',
      message: 'The stream broke.',
      code: 'service',
      retriable: true,
      rpcId: 'r-1',
      topic: '/data/X',
    });
    expect(read({ type: 'waiting', cause: error }).cause).to.deep.equal(read(error));
  });

  it('have what their class adds', () => {
    const refused = new PublishError('invalid', 'No.', {
      eventId: 'e',
      problems: [{ path: 'a', expected: 'b', actual: 'c' }],
    });
    expect(read(refused)).to.deep.include({
      name: 'PublishError',
      reason: 'invalid',
      eventId: 'e',
      problems: [{ path: 'a', expected: 'b', actual: 'c' }],
    });
    expect(read(new AuthenticationError('No.', { reason: 'denied' }))).to.include({
      reason: 'denied',
      retriable: false,
    });
  });

  it('name their causes, and nothing of these but name, message and code', () => {
    const broken = Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET', command: { args: ['secret'] } });
    const inner = new ConnectionError('Lost.', { cause: broken });
    const { cause } = read(new ServiceError('Broke.', { cause: inner }));
    expect(cause).to.deep.include({ code: 'connection', message: 'Lost.' });
    expect((cause as RxforceError).cause).to.deep.equal({ name: 'Error', message: 'ECONNRESET', code: 'ECONNRESET' });
  });

  for (const [what, cause, expected] of [
    ['a text', 'gone', 'gone'],
    ['an object', { token: 'secret' }, '[object Object]'],
    ['null', null, '[object Null]'],
    ['a bigint', 5n, '5'],
    [
      'several attempts',
      new AggregateError([new Error('::1'), new Error('127.0.0.1')]),
      { name: 'AggregateError', message: '::1; 127.0.0.1' },
    ],
  ] as const) {
    it(`can have ${what} for a cause`, () => {
      expect(read(new ServiceError('x', { cause })).cause).to.deep.equal(expected);
    });
  }

  it('come to an end, where a cause is its own', () => {
    const error = new ServiceError('x');
    error.cause = error;
    const plain = new Error('y');
    plain.cause = plain;
    expect(JSON.stringify([jsonOf(error), jsonOf(plain)]).length).to.be.lessThan(2_000);
  });
});

describe('Headers in JSON', () => {
  const { header } = changeEvent({ commitNumber: 1_709_303_151_782_928_388n });

  it('have commitNumber as text, and so have copies that operators make', () => {
    for (const each of [header, headerWith(header, { sequenceNumber: 7 })]) {
      expect(read(each)).to.include({ commitNumber: '1709303151782928388', entityName: 'Account' });
    }
    expect(read({ level: 'info', header }).header).to.deep.equal(read(header));
  });

  it('equal what they would without', () => {
    const plain = { ...header };
    assert.deepEqual(header, plain);
    expect(Object.keys(headerWith(header))).to.deep.equal(Object.keys(plain));
    assert.deepEqual({ ...headerWith(header) }, plain);
  });

  it('keep the prototype that those of a stream have', () => {
    const received = Object.assign(Object.create(HEADER_PROTOTYPE) as object, header);
    const copy = headerWith(received, { recordIds: ['1'] });
    expect(Object.getPrototypeOf(copy)).to.equal(HEADER_PROTOTYPE);
    expect(Object.getOwnPropertyNames(copy)).not.to.include('toJSON');
    expect(read(copy)).to.deep.include({ recordIds: ['1'], commitNumber: '1709303151782928388' });
  });
});

describe('jsonOf', () => {
  it('gives what JSON can hold', () => {
    const value = {
      ...{ big: 2n ** 60n, bytes: Uint8Array.of(1, 2), when: new Date(0), id: ReplayId.fromBytes(Buffer.alloc(10)) },
      list: [1n, { inner: 2n }, null],
      error: new TypeError('no'),
    };
    expect(read(jsonOf(value))).to.deep.equal({
      ...{ big: '1152921504606846976', bytes: 'AQI=', when: '1970-01-01T00:00:00.000Z', id: 'AAAAAAAAAAAAAA==' },
      list: ['1', { inner: '2' }, null],
      error: { name: 'TypeError', message: 'no' },
    });
    expect(read(jsonOf({ ...changeEvent().header })).commitNumber).to.equal('1');
  });

  it('comes to an end, where a value contains itself', () => {
    const value: Record<string, unknown> = {};
    value.self = value;
    expect(JSON.stringify(jsonOf(value))).to.include('…');
  });

  it('tells a toJSON that is for reading from others', () => {
    expect([isForReading(asText({ a: 1n })), isForReading(new Date(0)), isForReading({})]).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(asText({ toJSON: 'a field' }).toJSON).to.equal('a field');
  });
});
