import {
  AuthenticationError,
  ClientClosedError,
  ConfigurationError,
  ConnectionError,
  EventLogError,
  LimitExceededError,
  SchemaError,
  ServiceError,
  ThrottledError,
} from '@rxforce/core/model';
import { expect } from 'chai';
import { isOutage, isRetriable } from './sink.js';
import { noSchema } from './source-error.js';

const KINDS = ['fails', 'may pass', 'outage'];

function kindOf(cause: Error): string | undefined {
  const error = noSchema(cause);
  return KINDS[Number(isRetriable(error)) + Number(isOutage(error))];
}

describe('SourceError', () => {
  it('is an outage, where its cause is about all events, also if that does not pass by itself', () => {
    const ofAll = [
      ...[new AuthenticationError('x'), new ClientClosedError('x'), new ConfigurationError('x')],
      ...[new LimitExceededError('x'), new ThrottledError('x'), new ConnectionError('x')],
      ...[new ConnectionError('no TLS', { retriable: false }), new EventLogError('x', { reason: 'unavailable' })],
    ];
    expect(ofAll.map(kindOf)).to.deep.equal(ofAll.map(() => 'outage'));
  });

  it('may pass, where its cause may and may be about one schema', () => {
    const internal = new ServiceError('The stream broke.', { retriable: true });
    expect([internal, new Error('x')].map(kindOf)).to.deep.equal(['may pass', 'may pass']);
  });

  it('is a failure of the events, where their schema is wrong', () => {
    const wrong = [new SchemaError('x'), new EventLogError('x', { reason: 'refused' })];
    expect(wrong.map(kindOf)).to.deep.equal(['fails', 'fails']);
  });

  it('says the same as an outage', () => {
    const internal = noSchema(new ServiceError('The stream broke.', { retriable: true }));
    const { message, cause, mayPass } = internal;
    expect(internal.asOutage()).to.include({ message, cause, mayPass, outage: true });
  });
});
