import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { filterChange } from '../filter-change.js';
import { handle } from '../handle.js';
import { latestByRecord } from '../latest-by-record.js';
import { resolveGaps } from '../resolve-gaps.js';
import { checkCount, checkFunction, checkWait } from './checks.js';

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

describe('checkFunction', () => {
  it('gives a function back, and refuses anything else', () => {
    const work = () => undefined;
    expect(checkFunction('It is', work)).to.equal(work);
    for (const value of [undefined, null, {}, 'work']) {
      expect(() => checkFunction('handle() got project', value)).to.throw(
        ConfigurationError,
        /^handle\(\) got project/,
      );
    }
  });
});

describe('Operators that take functions', () => {
  it('refuse what is none, at the call', () => {
    const none = undefined as never;
    const calls = [
      () => handle(none),
      () => handle(() => [], { keyBy: 'key' as never }),
      () => latestByRecord(none),
      () => latestByRecord(() => [], { merge: 5 as never }),
      () => filterChange(none),
      () => resolveGaps(none, { onOverflow: () => [] }),
      () => resolveGaps(() => [], {} as never),
      () => resolveGaps(() => [], none),
    ];
    for (const call of calls) expect(call).to.throw(ConfigurationError, 'must be a function');
  });
});
