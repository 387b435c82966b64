import { expect } from 'chai';
import {
  concat,
  finalize,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  queueScheduler,
  Subject,
  Subscription,
  throwError,
  timer,
  type ObservableInput,
  type UnsubscriptionError,
} from 'rxjs';
import { ConfigurationError, WorkTimeoutError, type Result } from '@rxforce/core/model';
import { runMarbles } from '@rxforce/core/testing';
import { attempts, attemptsThen, type Failure } from './attempts.js';
import { resolveRetryPolicy, type RetryPolicy } from './retry-policy.js';

const NO = new Error('no');
const CONSTANT = { type: 'constant', delayMs: 3 } as const;
const policyOf = (policy: RetryPolicy) => resolveRetryPolicy('test()', { delays: CONSTANT, ...policy });
/** `Err` has a stack of its own, so outcomes are compared by what they hold. */
const held = (outcomes: Observable<Result<readonly unknown[], Failure>>) => outcomes.pipe(map(({ val }) => val));

describe('attempts', () => {
  it('gives all results at once, when the work has completed', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('-a-b-|');
      expectObservable(held(attempts(() => work, policyOf({})))).toBe('-----(r|)', { r: ['a', 'b'] });
      expectSubscriptions(work.subscriptions).toBe('^----!');
    });
  });

  it('gives an empty list, when the work completes without a result', () => {
    runMarbles(({ cold, expectObservable }) => {
      expectObservable(held(attempts(() => cold('--|'), policyOf({})))).toBe('--(r|)', { r: [] });
    });
  });

  it('tries again after the wait, and drops what a failed attempt gave', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const bad = cold('-a#');
      const good = cold('-b|');
      const outcome = attempts((attempt) => (attempt === 3 ? good : bad), policyOf({ maxRetries: 2 }));
      expectObservable(held(outcome)).toBe('------------(r|)', { r: ['b'] });
      expectSubscriptions(bad.subscriptions).toBe(['^-!', '-----^-!']);
      expectSubscriptions(good.subscriptions).toBe('----------^-!');
    });
  });

  it('tells the attempts, their times and the last error, when there are no more', () => {
    runMarbles(({ cold, expectObservable }) => {
      const outcome = attempts((attempt) => cold('-#', {}, `no ${attempt}`), policyOf({ maxRetries: 2 }));
      expectObservable(held(outcome)).toBe('---------(f|)', {
        f: { error: 'no 3', attempts: 3, firstFailedAt: 1, lastFailedAt: 9 },
      });
    });
  });

  it('tries once, when there are no retries, without asking whether it may', () => {
    runMarbles(({ cold, expectObservable }) => {
      let asked = 0;
      const retryable = () => Boolean(++asked);
      expectObservable(held(attempts(() => cold('-#'), policyOf({ maxRetries: 0, retryable })))).toBe('-(f|)', {
        f: { error: 'error', attempts: 1, firstFailedAt: 1, lastFailedAt: 1 },
      });
      expectObservable(of(0).pipe(map(() => asked))).toBe('(x|)', { x: 0 });
    });
  });

  it('tries no more, when the error is not retryable', () => {
    runMarbles(({ cold, expectObservable }) => {
      const retryable = (error: unknown) => error === 'weak';
      const work = (attempt: number) => cold('-#', {}, attempt === 1 ? 'weak' : 'strong');
      expectObservable(held(attempts(work, policyOf({ maxRetries: 9, retryable })))).toBe('-----(f|)', {
        f: { error: 'strong', attempts: 2, firstFailedAt: 1, lastFailedAt: 5 },
      });
    });
  });

  it('goes on until it works, when retries are without end', () => {
    runMarbles(({ expectObservable }) => {
      const work = (attempt: number) => (attempt < 500 ? throwError(() => NO) : of(attempt));
      const delays = { type: 'constant', delayMs: 1 } as const;
      expectObservable(held(attempts(work, policyOf({ maxRetries: Infinity, delays })))).toBe('499ms (r|)', {
        r: [500],
      });
    });
  });

  it('counts attempts made before, but not as retries', () => {
    runMarbles(({ expectObservable }) => {
      const told: number[] = [];
      const before = { error: 'old', attempts: 4, firstFailedAt: -9, lastFailedAt: -2 };
      const work = (attempt: number) => {
        told.push(attempt);
        return throwError(() => NO);
      };
      expectObservable(held(attempts(work, policyOf({ maxRetries: 1 }), before))).toBe('---(f|)', {
        f: { error: NO, attempts: 6, firstFailedAt: -9, lastFailedAt: 3 },
      });
      expectObservable(timer(4).pipe(map(() => told))).toBe('----(t|)', { t: [5, 6] });
    });
  });

  const failing: Record<string, () => ObservableInput<number>> = {
    'throws at once': () => {
      throw new Error('no');
    },
    'gives nothing that can be waited for': () => undefined as never,
    'errors after a result': () =>
      concat(
        of(1),
        throwError(() => new Error('no')),
      ),
    'is an iterable that throws': () =>
      (function* () {
        yield 1;
        throw new Error('no');
      })(),
  };
  for (const [what, work] of Object.entries(failing)) {
    it(`has failed, when the work ${what}`, () => {
      const seen: unknown[] = [];
      attempts(work, policyOf({ maxRetries: 0 })).subscribe((outcome) => seen.push(outcome.ok));
      expect(seen).to.deep.equal([false]);
    });
  }

  it('takes promises', async () => {
    const settle = (attempt: number) => (attempt === 1 ? Promise.reject(new Error('no')) : Promise.resolve(attempt));
    const delays = { type: 'constant', delayMs: 0 } as const;
    const outcome = await new Promise((resolve) => held(attempts(settle, policyOf({ delays }))).subscribe(resolve));
    expect(outcome).to.deep.equal([2]);
  });

  it('unsubscribes an attempt that takes too long, which has failed then', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const slow = cold('-a---b|');
      const quick = cold('---c|');
      const outcome = attempts((attempt) => (attempt === 1 ? slow : quick), policyOf({ timeoutMs: 5 }));
      expectObservable(held(outcome)).toBe('------------(r|)', { r: ['c'] });
      expectSubscriptions(slow.subscriptions).toBe('^----!');
      expectSubscriptions(quick.subscriptions).toBe('--------^---!');
    });
  });

  it('fails with a WorkTimeoutError, when the last attempt took too long', () => {
    runMarbles(({ expectObservable }) => {
      const outcome = attempts(() => NEVER, policyOf({ timeoutMs: 2, maxRetries: 0 }));
      const told = held(outcome).pipe(
        map((failure) => (failure as Failure).error),
        map((error) => [error instanceof WorkTimeoutError, (error as WorkTimeoutError).retriable]),
      );
      expectObservable(told).toBe('--(e|)', { e: [true, true] });
    });
  });

  const endings: Record<string, { readonly work: Observable<never>; readonly policy: RetryPolicy }> = {
    'takes too long': { work: NEVER, policy: { timeoutMs: 2 } },
    errors: { work: timer(2).pipe(mergeMap(() => throwError(() => NO))), policy: {} },
  };
  for (const [what, { work, policy }] of Object.entries(endings)) {
    it(`stops an attempt that ${what}, before the outcome of the last one is used`, () => {
      runMarbles(({ expectObservable }) => {
        const log: string[] = [];
        const noted = work.pipe(finalize(() => log.push('stopped')));
        const used = () => of([...log]);
        expectObservable(attemptsThen(() => noted, policyOf({ ...policy, maxRetries: 0 }), used)).toBe('--(l|)', {
          l: ['stopped'],
        });
      });
    });
  }

  it('stops a failed attempt before the next one starts, when the scheduler does not wait', () => {
    const log: string[] = [];
    const first = new Subject<never>();
    const work = (attempt: number) => {
      log.push(`started ${attempt}`);
      return attempt === 1 ? first.pipe(finalize(() => log.push('stopped 1'))) : of(attempt);
    };
    const delays = { type: 'constant', delayMs: 0 } as const;
    attempts(work, policyOf({ delays, scheduler: queueScheduler })).subscribe();
    first.error(NO);
    expect(log).to.deep.equal(['started 1', 'stopped 1', 'started 2']);
  });

  it('has failed with the error of the teardown, when that throws', () => {
    runMarbles(({ expectObservable }) => {
      const work = new Observable<never>(() => () => {
        throw NO;
      });
      const errors = attempts(() => work, policyOf({ timeoutMs: 2, maxRetries: 0 })).pipe(
        map(({ val }) => ((val as Failure).error as UnsubscriptionError).errors as unknown[]),
      );
      expectObservable(errors).toBe('--(e|)', { e: [NO] });
    });
  });

  it('uses no outcome, when the policy unsubscribes', () => {
    const subscription = new Subscription();
    const first = new Subject<never>();
    let used = 0;
    const retryable = () => {
      subscription.unsubscribe();
      return false;
    };
    subscription.add(
      attemptsThen(
        () => first,
        policyOf({ retryable }),
        () => of(++used),
      ).subscribe(),
    );
    first.error(NO);
    expect(used).to.equal(0);
  });

  it('errors with what a function of the policy throws, or with what is wrong with what it gives', () => {
    const failure = new Error('no');
    const broken = () => {
      throw failure;
    };
    const errors: unknown[] = [];
    for (const policy of [{ retryable: broken }, { delays: broken }, { delays: () => NaN }]) {
      attempts(() => throwError(() => NO), policyOf(policy)).subscribe({
        error: (error: unknown) => errors.push(error),
      });
    }
    expect(errors.slice(0, 2)).to.deep.equal([failure, failure]);
    expect(errors[2]).to.be.instanceOf(ConfigurationError);
  });

  it('stops the attempt, or the wait for the next, when unsubscribed', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const work = cold('-#');
      const endless = cold('---');
      expectObservable(
        attempts(() => work, policyOf({ maxRetries: 9 })),
        '^-----!',
      ).toBe('-');
      expectObservable(
        attempts(() => endless, policyOf({})),
        '^-!',
      ).toBe('-');
      expectSubscriptions(work.subscriptions).toBe(['^!', '----^!']);
      expectSubscriptions(endless.subscriptions).toBe('^-!');
    });
  });

  it('begins anew at each subscription', () => {
    runMarbles(({ expectObservable }) => {
      const outcome = held(
        attempts((attempt) => (attempt === 1 ? throwError(() => NO) : of(attempt)), policyOf({ maxRetries: 1 })),
      );
      expectObservable(outcome).toBe('---(r|)', { r: [2] });
      expectObservable(outcome, '-----^').toBe('--------(r|)', { r: [2] });
    });
  });
});

describe('attemptsThen', () => {
  it('emits what is made of the outcome, after an attempt that succeeded and after the last one that failed', () => {
    runMarbles(({ cold, expectObservable }) => {
      const then = ({ ok }: { readonly ok: boolean }) => (ok ? cold('-a-b|') : cold('--x|'));
      expectObservable(attemptsThen(() => cold('-1|'), policyOf({}), then)).toBe('---a-b|');
      expectObservable(attemptsThen(() => cold('-#'), policyOf({ maxRetries: 1 }), then)).toBe('-------x|');
    });
  });

  it('errors with what is thrown by the function, or by what it makes of the outcome', () => {
    runMarbles(({ cold, expectObservable }) => {
      const throwing = () => {
        throw NO;
      };
      for (const work of [cold('-1|'), cold('--#')]) {
        const policy = policyOf({ maxRetries: 0 });
        expectObservable(attemptsThen(() => work, policy, throwing)).toBe('--#', {}, NO);
        expectObservable(
          attemptsThen(
            () => work,
            policy,
            () => throwError(() => NO),
          ),
        ).toBe('--#', {}, NO);
      }
    });
  });

  it('unsubscribes what was made of the outcome', () => {
    runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
      const made = cold('-a--b');
      expectObservable(
        attemptsThen(
          () => cold('-|'),
          policyOf({}),
          () => made,
        ),
        '^--!',
      ).toBe('--a');
      expectSubscriptions(made.subscriptions).toBe('-^-!');
    });
  });
});
