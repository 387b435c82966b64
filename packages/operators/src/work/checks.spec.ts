import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { checkCount, checkWait } from './checks.js';

describe('checkCount', () => {
  for (const value of [1, 2, Number.MAX_SAFE_INTEGER]) {
    it(`gives back ${value}`, () => expect(checkCount('It is', value, 1)).to.equal(value));
  }

  for (const value of [0, 1.5, -1, NaN, Infinity, '2' as unknown as number]) {
    it(`refuses ${JSON.stringify(value)} (${value}), and says what may be`, () => {
      expect(() => checkCount('It is', value, 1)).to.throw(
        ConfigurationError,
        `It is ${value}, but it must be a whole number of at least 1.`,
      );
    });
  }

  it('gives back Infinity where that may be, and says so when it refuses', () => {
    expect(checkCount('It is', Infinity, 1, true)).to.equal(Infinity);
    expect(() => checkCount('It is', -Infinity, 1, true)).to.throw(ConfigurationError, 'at least 1, or Infinity.');
  });
});

describe('checkWait', () => {
  for (const value of [0, 0.5, 0x7fffffff]) {
    it(`gives back ${value}`, () => expect(checkWait('It is', value)).to.equal(value));
  }

  for (const value of [-1, 0x7fffffff + 1, NaN, Infinity, null as unknown as number]) {
    it(`refuses ${value}, and says what may be`, () => {
      expect(() => checkWait('It is', value)).to.throw(
        ConfigurationError,
        `It is ${value}, but it must be from 0 to 2147483647.`,
      );
    });
  }

  it('gives back Infinity where that may be, and says so when it refuses', () => {
    expect(checkWait('It is', Infinity, true)).to.equal(Infinity);
    expect(() => checkWait('It is', -1, true)).to.throw(ConfigurationError, 'to 2147483647, or Infinity.');
  });
});
