import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { resolveRetryPolicy, type RetryDelays, type RetryPolicy } from './retry-policy.js';

const resolve = (policy: RetryPolicy) => resolveRetryPolicy('test()', policy);
const waits = (delays: RetryDelays, attempts: readonly number[], random = 1) =>
  attempts.map((attempt) => resolve({ delays, random: () => random }).delayMs(attempt, undefined));

describe('A retry policy', () => {
  it('tries three more times whatever the error, without a limit of time, when nothing is said', () => {
    const { maxRetries, timeoutMs, isRetryable } = resolve({});
    expect([maxRetries, timeoutMs, isRetryable(new Error('no'))]).to.deep.equal([3, Infinity, true]);
  });

  it('waits at random up to 1 second, then up to twice as long each time, up to 30, when nothing is said', () => {
    const most = resolve({ random: () => 1 });
    expect([1, 2, 3, 4, 5, 6, 7].map((attempt) => most.delayMs(attempt, undefined))).to.deep.equal([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
    expect(resolve({ random: () => 0.25 }).delayMs(2, undefined)).to.equal(500);
    expect(resolve({ random: () => 0 }).delayMs(2, undefined)).to.equal(0);
    const { delayMs } = resolve({});
    const drawn = Array.from({ length: 20 }, () => delayMs(1, undefined));
    expect(drawn.every((ms) => ms >= 0 && ms <= 1_000)).to.equal(true);
    expect(new Set(drawn).size).to.be.above(1);
  });

  it('waits the same each time, when the delays are constant', () => {
    expect(waits({ type: 'constant', delayMs: 7 }, [1, 2, 50])).to.deep.equal([7, 7, 7]);
    expect(waits({ type: 'constant', delayMs: 0 }, [1])).to.deep.equal([0]);
  });

  it('waits as said, when the delays are exponential', () => {
    const delays = { type: 'exponential', initialMs: 2, maxMs: 100, factor: 3, jitter: 'none' } as const;
    expect(waits(delays, [1, 2, 3, 4, 5, 5_000], 0)).to.deep.equal([2, 6, 18, 54, 100, 100]);
    expect(waits({ ...delays, jitter: 'full' }, [2, 3], 0.5)).to.deep.equal([3, 9]);
    expect(waits({ ...delays, factor: 1 }, [1, 9])).to.deep.equal([2, 2]);
  });

  it('waits whole milliseconds, when there is jitter', () => {
    expect(waits({ type: 'exponential', initialMs: 10, maxMs: 10 }, [1], 0.333)).to.deep.equal([3]);
  });

  it('waits what a function says of the attempts and the error', () => {
    const failure = new Error('no');
    const given: unknown[] = [];
    const { delayMs } = resolve({
      delays: (...args) => {
        given.push(args);
        return 5;
      },
    });
    expect(delayMs(2, failure)).to.equal(5);
    expect(given).to.deep.equal([[2, failure]]);
  });

  it('takes for yes and no what JavaScript does, when retryable says neither', () => {
    const answers = [undefined, 0, '', 'yes'];
    const { isRetryable } = resolve({ retryable: (error) => answers[error as number] as unknown as boolean });
    expect([0, 1, 2, 3].map(isRetryable)).to.deep.equal([false, false, false, true]);
  });

  it('throws, when retryable gives a promise, or throws itself', () => {
    const failure = new Error('no');
    const promising = resolve({ retryable: () => Promise.resolve(false) as unknown as boolean });
    const throwing = resolve({
      retryable: () => {
        throw failure;
      },
    });
    expect(() => promising.isRetryable(0)).to.throw(ConfigurationError, 'retryable');
    expect(() => throwing.isRetryable(0)).to.throw(failure);
  });

  for (const ms of [NaN, -1, Infinity, 2 ** 31, undefined as unknown as number]) {
    it(`throws, when a function gives ${ms} for a wait, or random does`, () => {
      expect(() => resolve({ delays: () => ms }).delayMs(1, undefined)).to.throw(ConfigurationError, 'delays');
      expect(() => resolve({ random: () => ms * 1_000 }).delayMs(1, undefined)).to.throw(ConfigurationError, 'delays');
    });
  }

  it('throws what a function for the delays throws', () => {
    const failure = new Error('no');
    const delays = () => {
      throw failure;
    };
    expect(() => resolve({ delays }).delayMs(1, undefined)).to.throw(failure);
  });

  it('allows the ends of its ranges', () => {
    const longest = 0x7fffffff;
    resolve({ maxRetries: 0, timeoutMs: longest, delays: { type: 'constant', delayMs: longest } });
    resolve({ maxRetries: Infinity, timeoutMs: Infinity });
    resolve({ timeoutMs: 1, delays: { type: 'exponential', initialMs: 1, maxMs: 1 } });
  });

  const exponential = { type: 'exponential', initialMs: 10, maxMs: 20 } as const;
  const refused: Record<string, RetryPolicy> = {
    'fewer than no retries': { maxRetries: -1 },
    'half a retry': { maxRetries: 0.5 },
    'no time at all': { timeoutMs: 0 },
    'a negative time': { timeoutMs: -1 },
    'a time beyond what timers can take': { timeoutMs: 2 ** 31 },
    'a negative delay': { delays: { type: 'constant', delayMs: -1 } },
    'a delay that is no number': { delays: { type: 'constant', delayMs: NaN } },
    'a first delay of nothing': { delays: { ...exponential, initialMs: 0 } },
    'a longest delay below the first': { delays: { ...exponential, maxMs: 9 } },
    'a longest delay beyond what timers can take': { delays: { ...exponential, maxMs: 2 ** 31 } },
    'a factor below 1': { delays: { ...exponential, factor: 0.5 } },
    'a factor that is no number': { delays: { ...exponential, factor: NaN } },
    'an unknown jitter': { delays: { ...exponential, jitter: 'some' as 'full' } },
    'an unknown type of delays': { delays: { type: 'linear' } as unknown as RetryDelays },
    'a retryable that is no function': { retryable: true as unknown as () => boolean },
    'a random that is no function': { random: 0.5 as unknown as () => number },
  };
  for (const [what, policy] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(() => resolve(policy)).to.throw(ConfigurationError, /^test\(\) got/);
    });
  }
});
