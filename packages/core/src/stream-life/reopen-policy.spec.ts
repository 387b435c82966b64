import { expect } from 'chai';
import {
  AuthenticationError,
  ConnectionError,
  ThrottledError,
  TopicUnavailableError,
  type RxforceError,
} from '../model/errors.js';
import { NO_TROUBLE, oneMore, remedyFor, type Remedy } from './reopen-policy.js';

const broken = new ConnectionError('broken', { grpcStatus: 14 });
const slower = new ThrottledError('slower', { retriable: true, grpcStatus: 8 });
const denied = new TopicUnavailableError('no', { grpcStatus: 7 });
const expired = new AuthenticationError('expired', { grpcStatus: 16 });
const wrongPassword = new AuthenticationError('wrong password');

/** Failures in a row, and what was decided after each. */
class Row {
  private trouble = NO_TROUBLE;
  private hasWorked = false;

  constructor(private readonly maxAttempts: number) {}

  after(error: RxforceError, random: number): Remedy & { readonly attempt?: number } {
    const { maxAttempts, hasWorked } = this;
    this.trouble = oneMore(this.trouble, error);
    const remedy = remedyFor(error, this.trouble, { maxAttempts, hasWorked, random });
    return remedy.type === 'pause' ? { ...remedy, attempt: this.trouble.failures } : remedy;
  }

  over(): void {
    this.trouble = NO_TROUBLE;
    this.hasWorked = true;
  }
}

describe('remedyFor', () => {
  it('waits longer from failure to failure, and from the start again once an answer came', () => {
    const row = new Row(Infinity);
    const waits = () => Array.from({ length: 3 }, () => row.after(broken, 1));
    const expected = [500, 1_000, 2_000].map((delayMs, index) => ({ type: 'pause', attempt: index + 1, delayMs }));
    expect(waits()).to.deep.equal(expected);
    row.over();
    expect(waits()).to.deep.equal(expected);
  });

  it('waits longer where the service asks for less', () => {
    expect(new Row(Infinity).after(slower, 1)).to.include({ delayMs: 5_000 });
  });

  it('gives up after maxAttempts, and at once where the error cannot pass', () => {
    const row = new Row(2);
    expect([row.after(broken, 0).type, row.after(broken, 0).type]).to.deep.equal(['pause', 'fail']);
    for (const error of [denied, wrongPassword])
      expect(new Row(9).after(error, 0)).to.deep.equal({ type: 'fail', error });
  });

  it('opens another stream at once when a session was refused, then waits, and gives up soon where nothing has worked', () => {
    const row = new Row(Infinity);
    const remedies = Array.from({ length: 5 }, () => row.after(expired, 0));
    expect(remedies.map(({ type }) => type)).to.deep.equal(['again', 'pause', 'pause', 'pause', 'fail']);
    expect(remedies.slice(1, 4)).to.deep.equal(
      [500, 1_000, 2_000].map((delayMs, index) => ({ type: 'pause', attempt: index + 2, delayMs })),
    );
    expect(remedies[4]).to.have.property('error').that.include({ code: 'authentication', cause: expired });
  });

  it('bears refusals for minutes, once an answer came', () => {
    const row = new Row(Infinity);
    row.over();
    const remedies = Array.from({ length: 20 }, () => row.after(expired, 0));
    const waitedMs = remedies.reduce((sum, remedy) => sum + (remedy.type === 'pause' ? remedy.delayMs : 0), 0);
    expect(remedies.findIndex(({ type }) => type === 'fail')).to.equal(19);
    expect(waitedMs).to.be.within(180_000, 300_000);
  });

  it('gives up after maxAttempts, when sessions are refused', () => {
    const row = new Row(3);
    row.over();
    const remedies = Array.from({ length: 3 }, () => row.after(expired, 0).type);
    expect(remedies).to.deep.equal(['again', 'pause', 'fail']);
  });
});
