import { inspect } from 'node:util';
import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import { expect } from 'chai';
import { natsFailure, type NatsFailure } from './nats-failure.js';

const FACTS = { hasJetStream: true, domain: undefined, timeoutMs: 500 };
const api = (errCode: number, description: string, code = 400) =>
  new JetStreamApiError({ code, err_code: errCode, description });

/** The client exports no class of it. */
const notEnabled = Object.assign(new Error('jetstream is not enabled'), { name: 'JetStreamNotEnabled' });

describe('natsFailure', () => {
  const rows: readonly (readonly [unknown, Pick<NatsFailure, 'kind' | 'retriable'>, RegExp])[] = [
    [api(10071, 'wrong last sequence: 12'), { kind: 'conflict', retriable: true }, /wrong last sequence/],
    [api(10070, 'wrong last msg ID: a'), { kind: 'conflict', retriable: true }, /wrong last msg ID/],
    [api(10059, 'stream not found', 404), { kind: 'missing', retriable: true }, /made anew/],
    [api(10047, 'insufficient storage resources available', 500), { kind: 'refused', retriable: true }, /retentionMs/],
    [
      api(10074, 'replicas > 1 not supported in non-clustered mode', 500),
      { kind: 'refused', retriable: false },
      /leave `replicas` out/,
    ],
    [
      api(10058, 'stream name already in use with a different configuration'),
      { kind: 'refused', retriable: false },
      /`prefix` of its own/,
    ],
    [api(10027, 'maximum number of streams reached'), { kind: 'refused', retriable: false }, /limits of this account/],
    [api(10026, 'maximum consumers limit reached'), { kind: 'refused', retriable: true }, /limits of this account/],
    [api(10008, 'JetStream system temporarily unavailable', 503), { kind: 'refused', retriable: true }, /leader again/],
    [api(10999, 'something that is new', 400), { kind: 'refused', retriable: false }, /^something that is new\.$/],
    [api(10999, 'something that is new', 500), { kind: 'unknown', retriable: true }, /tried again/],
    [new errors.TimeoutError(), { kind: 'unknown', retriable: true }, /within 500 ms/],
    [new errors.ClosedConnectionError(), { kind: 'refused', retriable: false }, /maxReconnectAttempts: -1/],
    [new errors.NoRespondersError('x'), { kind: 'missing', retriable: true }, /without a leader/],
    [notEnabled, { kind: 'missing', retriable: true }, /Nobody has answered/],
    ['a text', { kind: 'unknown', retriable: true }, /^a text\. It is tried again\.$/],
    [undefined, { kind: 'unknown', retriable: true }, /undefined/],
  ];
  for (const [thrown, expected, says] of rows) {
    it(`says what to do about ${String(thrown)}`, () => {
      const failure = natsFailure(thrown, FACTS);
      expect(failure).to.include(expected);
      expect(failure.reason).to.match(says);
    });
  }

  it('says how JetStream is enabled, when the server has none', () => {
    const failure = natsFailure(new errors.NoRespondersError('x'), { ...FACTS, hasJetStream: false });
    expect(failure).to.include({ retriable: false });
    expect(failure.reason).to.include('"-js"');
  });

  it('passes on only the name, the message and the stack of an error', () => {
    const thrown = Object.assign(new Error('no'), { options: { pass: 'correct-horse' } });
    const { cause } = natsFailure(thrown, FACTS);
    expect(inspect(cause, { showHidden: true, depth: 9 }))
      .to.include('no')
      .and.not.include('correct-horse');
    expect(natsFailure({ pass: 'correct-horse' }, FACTS).cause).to.equal('(object)');
  });
});
