import { inspect } from 'node:util';
import { expect } from 'chai';
import { kafkaFailure, KafkaRefusal, KafkaSilence } from './kafka-failure.js';

/** As kafkajs makes its errors, which it does not export as they are. */
function kafkaError(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}

describe('kafkaFailure', () => {
  it('is temporary, when a connection failed, however often that is wrapped', () => {
    const refused = kafkaError('KafkaJSConnectionError', 'Connection error: connect ECONNREFUSED', { broker: 'b:9' });
    const once = kafkaError('KafkaJSNumberOfRetriesExceeded', 'Connection error', { cause: refused, retriable: false });
    const twice = kafkaError('KafkaJSNonRetriableError', 'Connection error', { cause: once, retriable: false });
    for (const error of [refused, once, twice, new KafkaSilence('No answer.'), 'a text']) {
      expect(kafkaFailure(error).retriable, String(error)).to.equal(true);
    }
    expect(kafkaFailure(twice).reason).to.equal('Connection error: connect ECONNREFUSED. It is tried again.');
  });

  it('is for good, and says what to do, when the brokers refuse', () => {
    for (const [error, advice] of [
      [kafkaError('KafkaJSProtocolError', 'no', { type: 'TOPIC_AUTHORIZATION_FAILED' }), /rights/],
      [kafkaError('KafkaJSSASLAuthenticationError', 'no'), /sasl/],
      [kafkaError('KafkaJSProtocolError', 'no', { type: 'MESSAGE_TOO_LARGE' }), /max\.message\.bytes/],
      [
        kafkaError('KafkaJSAggregateError', 'no', {
          errors: [kafkaError('KafkaJSCreateTopicError', 'no', { type: 'POLICY_VIOLATION' })],
        }),
        /createTopics/,
      ],
      [new KafkaRefusal('The log is closed.'), /closed/],
    ] as const) {
      const failure = kafkaFailure(error);
      expect(failure.retriable).to.equal(false);
      expect(failure.reason).to.match(advice);
    }
  });

  it('has a cause without the members of the thrown error', () => {
    const thrown = kafkaError('KafkaJSConnectionError', 'no', { password: 'secret', type: 'NETWORK_EXCEPTION' });
    const { cause, type } = kafkaFailure(thrown);
    expect(type).to.equal('NETWORK_EXCEPTION');
    expect(inspect(cause)).not.to.include('secret');
    expect(cause).to.include({ name: 'KafkaJSConnectionError', message: 'no', stack: thrown.stack });
  });
});
