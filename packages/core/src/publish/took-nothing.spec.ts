import { expect } from 'chai';
import {
  AuthenticationError,
  ConnectionError,
  RxforceError,
  ServiceError,
  StreamEndedError,
  ThrottledError,
  TopicUnavailableError,
} from '../model/errors.js';
import { tookNothing } from './took-nothing.js';

const broken = new ConnectionError('broken', { grpcStatus: 14 });
const slower = new ThrottledError('slower', { retriable: true, grpcStatus: 8 });
const denied = new TopicUnavailableError('no', { grpcStatus: 7 });
const expired = new AuthenticationError('expired', { grpcStatus: 16 });
const wrongPassword = new AuthenticationError('wrong password');

describe('tookNothing', () => {
  const never = new ConnectionError('no connection', { grpcStatus: 14, neverSent: true });
  const login = new ConnectionError('no login endpoint');
  const swept = new StreamEndedError('no request for 70 seconds', { grpcStatus: 1 });
  for (const error of [slower, denied, swept, expired, never, login, wrongPassword]) {
    it(`is so where it is said: ${error.message}`, () => {
      expect(tookNothing(error)).to.equal(true);
    });
  }

  const service = new ServiceError('INTERNAL', { grpcStatus: 13 });
  for (const error of [broken, service, RxforceError.from(new Error('what'))]) {
    it(`is not known otherwise: ${error.message}`, () => {
      expect(tookNothing(error)).to.equal(false);
    });
  }
});
