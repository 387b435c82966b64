import { expect } from 'chai';
import { map } from 'rxjs';
import { runMarbles } from '@rxforce/core/testing';
import { attempts } from './attempts.js';
import { resolveRetryPolicy } from './retry-policy.js';

describe('attempts', () => {
  it('waits for the end of an outage, which uses no retries and whose waits grow', () => {
    const errors = ['no', 'away', 'away', 'away', 'no', 'no'];
    const waits: number[] = [];
    const delays = (failed: number) => {
      waits.push(failed);
      return failed;
    };
    const isAway = (error: unknown) => error === 'away';
    const policy = resolveRetryPolicy('test()', {
      ...{ maxRetries: 1, retryable: (error) => !isAway(error), outage: isAway, delays },
    });
    runMarbles(({ cold, expectObservable }) => {
      const outcome = attempts((attempt) => cold('-#', {}, errors[attempt - 1]), policy);
      expectObservable(outcome.pipe(map(({ val }) => val))).toBe('---------------(f|)', {
        f: { error: 'no', attempts: 5, firstFailedAt: 1, lastFailedAt: 15 },
      });
    });
    expect(waits).to.deep.equal([1, 2, 3, 4]);
  });

  it('refuses an outage that is no function, or does not say yes or no at once', () => {
    expect(() => resolveRetryPolicy('test()', { outage: true as never })).to.throw('test() got outage');
    const policy = resolveRetryPolicy('test()', { outage: (() => Promise.resolve(true)) as never });
    expect(() => policy.isOutage(new Error('away'))).to.throw('a promise from outage');
  });
});
