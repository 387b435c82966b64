import { expect } from 'chai';
import fc from 'fast-check';
import { ThrottledError, ConnectionError, LimitExceededError } from '../model/errors.js';
import { backoffMs } from './backoff.js';

const broken = new ConnectionError('broken', { retriable: true });
const throttled = new ThrottledError('slower', { retriable: true });

describe('backoffMs', () => {
  it('doubles its bound with each attempt, from half a second to half a minute', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((attempt) => backoffMs(attempt, broken, 1));
    expect(bounds).to.deep.equal([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('goes from 5 seconds to 2 minutes, when the service asks for less', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7].map((attempt) => backoffMs(attempt, throttled, 1));
    expect(bounds).to.deep.equal([5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });

  it('goes from 5 seconds to 2 minutes, when a limit of the org is used up for now', () => {
    const usedUp = new LimitExceededError('too many calls', { retriable: true });
    expect([1, 6].map((attempt) => backoffMs(attempt, usedUp, 1))).to.deep.equal([5_000, 120_000]);
  });

  it('is the same, when the server ended the stream in peace', () => {
    expect(backoffMs(3, undefined, 1)).to.equal(2_000);
  });

  it('is any whole number of milliseconds from nothing to the bound, as chance has it', () => {
    expect([0, 0.25, 0.5, 0.9999].map((random) => backoffMs(1, broken, random))).to.deep.equal([0, 125, 250, 500]);
    expect(backoffMs(1, broken, 0.0031)).to.equal(2);
  });

  it('is finite and within the bound, however many attempts there were', () => {
    const attempts = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
    fc.assert(
      fc.property(attempts, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (attempt, random, slower) => {
        const ms = backoffMs(attempt, slower ? throttled : broken, random);
        expect(Number.isInteger(ms)).to.equal(true);
        expect(ms).to.be.within(0, slower ? 120_000 : 30_000);
      }),
    );
  });
});
