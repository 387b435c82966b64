import { expect } from 'chai';
import {
  AuthenticationError,
  ConnectionError,
  RxforceError,
  TopicUnavailableError,
  ThrottledError,
  ServiceError,
  StreamEndedError,
} from '../model/errors.js';
import { tookNothing, Trouble } from './trouble.js';

const broken = new ConnectionError('broken', { grpcStatus: 14 });
const slower = new ThrottledError('slower', { retriable: true, grpcStatus: 8 });
const denied = new TopicUnavailableError('no', { grpcStatus: 7 });
const expired = new AuthenticationError('expired', { grpcStatus: 16 });
const wrongPassword = new AuthenticationError('wrong password');

describe('Trouble', () => {
  it('waits longer from failure to failure, and from the start again once an answer came', () => {
    const trouble = new Trouble(Infinity);
    const waits = () => Array.from({ length: 3 }, () => trouble.after(broken, 1));
    const expected = [500, 1_000, 2_000].map((delayMs, index) => ({ type: 'pause', attempt: index + 1, delayMs }));
    expect(waits()).to.deep.equal(expected);
    trouble.over();
    expect(waits()).to.deep.equal(expected);
  });

  it('waits longer where the service asks for less', () => {
    expect(new Trouble(Infinity).after(slower, 1)).to.include({ delayMs: 5_000 });
  });

  it('gives up after maxAttempts, and at once where the error cannot pass', () => {
    const trouble = new Trouble(2);
    expect([trouble.after(broken, 0).type, trouble.after(broken, 0).type]).to.deep.equal(['pause', 'fail']);
    for (const error of [denied, wrongPassword])
      expect(new Trouble(9).after(error, 0)).to.deep.equal({ type: 'fail', error });
  });

  it('opens another stream at once when a session was refused, then waits, and gives up soon where nothing has worked', () => {
    const trouble = new Trouble(Infinity);
    const remedies = Array.from({ length: 5 }, () => trouble.after(expired, 0));
    expect(remedies.map(({ type }) => type)).to.deep.equal(['again', 'pause', 'pause', 'pause', 'fail']);
    expect(remedies.slice(1, 4)).to.deep.equal(
      [500, 1_000, 2_000].map((delayMs, index) => ({ type: 'pause', attempt: index + 2, delayMs })),
    );
    expect(remedies[4]).to.have.property('error').that.include({ code: 'authentication', cause: expired });
  });

  it('bears refusals for minutes, once an answer came', () => {
    const trouble = new Trouble(Infinity);
    trouble.over();
    const remedies = Array.from({ length: 20 }, () => trouble.after(expired, 0));
    const waitedMs = remedies.reduce((sum, remedy) => sum + (remedy.type === 'pause' ? remedy.delayMs : 0), 0);
    expect(remedies.findIndex(({ type }) => type === 'fail')).to.equal(19);
    expect(waitedMs).to.be.within(180_000, 300_000);
  });

  it('gives up after maxAttempts, when sessions are refused', () => {
    const trouble = new Trouble(3);
    trouble.over();
    const remedies = Array.from({ length: 3 }, () => trouble.after(expired, 0).type);
    expect(remedies).to.deep.equal(['again', 'pause', 'fail']);
  });
});

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
