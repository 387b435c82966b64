import { from, Observable, Subscriber, timer, type ObservableInput } from 'rxjs';
import { Err, Ok, WorkTimeoutError, type Result } from '@rxforce/core/model';
import { isMisuse } from '@rxforce/core/internal';
import type { ResolvedRetryPolicy } from './retry-policy.js';

/** The failed attempts at a value. */
export interface Failure {
  /** The error of the last attempt. */
  readonly error: unknown;
  /** How many attempts failed. */
  readonly attempts: number;
  /** When the first one failed, in epoch milliseconds. */
  readonly firstFailedAt: number;
  /** When the last one failed, in epoch milliseconds. */
  readonly lastFailedAt: number;
}

/** The outcome of all attempts: all results of the one that succeeded, or the failure. */
export type AttemptsOutcome<R> = Result<readonly R[], Failure>;

/**
 * Does work, and tries it again as the policy says, until it has completed. Emits one value: all results of the attempt
 * that succeeded, or the failure when there are no more attempts. So an attempt that fails in the middle leaves no
 * results. Errors only with an error thrown by a function of the policy.
 *
 * @param work - Starts an attempt. It gets the number of the attempt, from 1, including earlier attempts.
 * @param before - Attempts at the same work that have already failed. They use no retries.
 */
export function attempts<R>(
  work: (attempt: number) => ObservableInput<R>,
  policy: ResolvedRetryPolicy,
  before?: Failure,
): Observable<AttemptsOutcome<R>> {
  return attemptsThen(work, policy, (outcome) => [outcome], before);
}

/**
 * `attempts`, whose outcome decides what is emitted. Most work succeeds at the first attempt, so an event whose work
 * does costs one subscriber here, and not a chain of operators.
 *
 * @param then - Makes what is emitted. It may throw.
 * @param isOver - Asked before each attempt but the first: whether no more may begin. Then the outcome is the failure.
 */
export function attemptsThen<R, O>(
  work: (attempt: number) => ObservableInput<R>,
  policy: ResolvedRetryPolicy,
  then: (outcome: AttemptsOutcome<R>) => ObservableInput<O>,
  before?: Failure,
  isOver = () => false,
): Observable<O> {
  return new Observable((subscriber) => {
    const ended = (outcome: AttemptsOutcome<R>) => void from(then(outcome)).subscribe(subscriber);
    new Attempt<R>(subscriber, { work, policy, ended, isOver }, before, 0, 0).start();
  });
}

/** The common part of the attempts at a value. */
interface Plan<R> {
  readonly work: (attempt: number) => ObservableInput<R>;
  readonly policy: ResolvedRetryPolicy;
  readonly ended: (outcome: AttemptsOutcome<R>) => void;
  readonly isOver: () => boolean;
}

/** One attempt. It collects the results. After a failure, it starts the next attempt. */
class Attempt<R> extends Subscriber<R> {
  private readonly results: R[] = [];

  /**
   * @param failedHere - How many attempts of the plan have failed before this one.
   * @param waited - How many of those just before this one failed by an outage, and are not among them.
   */
  constructor(
    private readonly downstream: Subscriber<never>,
    private readonly plan: Plan<R>,
    private readonly before: Failure | undefined,
    private readonly failedHere: number,
    private readonly waited: number,
  ) {
    // There is no other way to make a Subscriber that ends with the one downstream.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    super(downstream);
  }

  start(): void {
    const { work, policy, ended, isOver } = this.plan;
    const { timeoutMs, scheduler } = policy;
    const { before } = this;
    if (before && isOver()) {
      this.end(() => ended(Err(before)));
      return;
    }
    try {
      from(work((before?.attempts ?? 0) + 1)).subscribe(this);
    } catch (error) {
      this.error(error);
    }
    if (timeoutMs === Infinity || this.closed) return;
    this.add(scheduler.schedule(() => this.error(tookTooLong(timeoutMs)), timeoutMs));
  }

  protected override _next(result: R): void {
    this.results.push(result);
  }

  protected override _complete(): void {
    this.end(() => this.plan.ended(Ok(this.results)));
  }

  protected override _error(error: unknown): void {
    this.end(() => this.failed(this.stopped(error)));
  }

  /**
   * Stops the failed work, so that it is over before other work or a letter follows. Returns the error of the attempt,
   * which is that of the teardown where it throws.
   */
  private stopped(error: unknown): unknown {
    try {
      this.unsubscribe();
      return error;
    } catch (thrown) {
      return thrown;
    }
  }

  /** An error thrown by a function of the policy ends all attempts. */
  private end(how: () => void): void {
    try {
      how();
    } catch (error) {
      this.downstream.error(error);
    } finally {
      this.unsubscribe();
    }
  }

  private failed(error: unknown): void {
    if (isMisuse(error)) throw error;
    const { downstream, plan } = this;
    const { scheduler, maxRetries, isRetryable, isOutage, delayMs, onRetry } = plan.policy;
    const failure = failedAgain(this.before, error, scheduler.now());
    const waited = isOutage(error) ? this.waited + 1 : 0;
    const failedHere = waited > 0 ? this.failedHere : this.failedHere + 1;
    const isLast = plan.isOver() || (waited === 0 && (failedHere > maxRetries || !isRetryable(error)));
    // The teardown of the work, or the policy, may have unsubscribed.
    if (downstream.closed) return;
    if (isLast) {
      plan.ended(Err(failure));
      return;
    }
    onRetry?.(failure.attempts, error);
    const next = () => new Attempt(downstream, plan, failure, failedHere, waited).start();
    downstream.add(timer(delayMs(failedHere + waited, error), scheduler).subscribe(next));
  }
}

function failedAgain(before: Failure | undefined, error: unknown, now: number): Failure {
  return {
    error,
    attempts: (before?.attempts ?? 0) + 1,
    firstFailedAt: before?.firstFailedAt ?? now,
    lastFailedAt: now,
  };
}

function tookTooLong(timeoutMs: number): WorkTimeoutError {
  return new WorkTimeoutError(
    `An attempt took longer than ${timeoutMs} ms and was unsubscribed. Raise timeoutMs if the work may take longer.`,
  );
}
