import { defer, finalize, map, mergeMap, tap, type Observable, type ObservableInput, type ObservedValueOf } from 'rxjs';
import { checkOptionNames, ConfigurationError, Err, Ok, type Result, wrongNumber } from '@rxforce/core/model';
import { askQueue, resolveQueueRetry, type QueueRetryPolicy } from './retries/ask-queue.js';
import { attempts, type Failure } from './retries/attempts.js';
import { checkCount, checkFunction, keyedWork, recordIdsOf } from '@rxforce/core/internal';
import type { DeadLetter, DeadLetterQueue } from './dead-letter-queue.js';
import { formatDeadLetter, parseDeadLetter } from './dead-letter-codec.js';
import { errorDataOf } from './dead-letter.js';
import { LetterPortions } from './retries/letter-portions.js';
import { resolveOldValues, valueNow, type OldValueOptions } from './retries/letter-values.js';
import { RETRY_NAMES, resolveRetryPolicy, type RetryPolicy } from './retries/retry-policy.js';

/** How `redrive` works on letters. */
export interface RedriveOptions<T> extends RetryPolicy, OldValueOptions<T> {
  /**
   * Most attempts at a letter after the first one of this redrive; from 0, `Infinity` to try until it works.
   *
   * @defaultValue 0
   */
  readonly maxRetries?: number;
  /**
   * Most letters worked on at a time; at least 1, `Infinity` for all taken letters.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * The keys of a letter's value whose order is kept: a letter starts only when all earlier ones that share a key with
   * it are done. A letter without keys waits for none.
   *
   * @defaultValue the record ids of a change event, no keys for other values
   */
  readonly keyBy?: (value: T) => string | readonly string[];
  /**
   * Only letters whose last failure was before this time, in epoch milliseconds. A time in the future counts as the
   * start of the redrive.
   *
   * @defaultValue the start of the redrive: all letters that had failed by then
   */
  readonly failedBefore?: number;
  /**
   * Most letters taken from the queue at once; at least 1. More are taken when fewer than `concurrency` are left.
   *
   * @defaultValue 100
   */
  readonly batchSize?: number;
  /**
   * How a failing queue is tried again.
   *
   * @defaultValue 10 retries, with the default delays of a retry policy
   */
  readonly queueRetry?: QueueRetryPolicy;
}

/**
 * Works on the letters of a dead-letter queue again, in the order of their last failure, oldest first.
 *
 * ```ts
 * const upsert = (lead: ChangeEvent<Lead>) => crm.upsert([lead]);
 * redrive(queue, upsert, { reread: (lead) => leadNow(lead) }).subscribe((result) => console.log(result.ok));
 * ```
 *
 * A letter has the value from the time when it failed. Newer changes of the same record may have been written since,
 * and the work on the letter would overwrite them with the old value. So give `reread`, which reads the current record,
 * or `skipIf`, which says that a newer value was written. By default a redrive of change events does neither, and warns
 * once. A change between the read and the write can still be overwritten: only the other system can prevent that, by
 * comparing as it writes.
 *
 * A handled letter is removed from the queue, then each of its results is emitted as an `Ok`. A letter that fails is
 * put back with the new number of attempts, the time and the new error, and is then emitted as an `Err`; it is not
 * tried again before the next redrive. A letter without work, because `skipIf` says so or the record is gone, is
 * removed, and nothing is emitted. Each subscription is a redrive. Several may run at a time: a letter is given to one
 * of them.
 *
 * - Complete: when the queue has no more such letters and all work is done.
 * - Error: a `DeadLetterQueueError` when the queue still fails after its retries, or reports that the failure is
 *   permanent; also an error thrown by `retryable`, `delays` or `keyBy`. A failure of `project`, `reread` or `skipIf`
 *   is not an error of the redrive.
 * - Unsubscribe: unsubscribes all work. As after an error, letters that are not done stay in the queue, and are
 *   released for the next redrive.
 * - Delivery: at least once: a letter is in the queue until the work on it has completed. A letter whose work a crash
 *   interrupts is handled again.
 * - Order: work starts in order for each key; with `concurrency: 1`, everything keeps its order. A letter that fails
 *   again moves to the end of the queue.
 * - Memory: fewer letters than `concurrency` and `batchSize` together, or than twice `batchSize` with an unlimited
 *   `concurrency`.
 *
 * @param queue - The queue with the letters.
 * @param project - Starts the work on a letter's value, or on the result of `reread`, and returns a promise, an
 * Observable or an iterable. The queue does not know the type of its values: declare it at the parameter. An event that
 * could not be decoded has its bytes in `payload`.
 * @throws `ConfigurationError` when `queue` is not a queue, or `project` or an option cannot be right.
 */
export function redrive<T, O extends ObservableInput<unknown>>(
  queue: DeadLetterQueue,
  project: (value: T, letter: DeadLetter<T>) => O,
  options: RedriveOptions<T> = {},
): Observable<Result<ObservedValueOf<O>, DeadLetter<T>>> {
  if (typeof (Object(queue) as Partial<DeadLetterQueue>).take !== 'function') {
    throw new ConfigurationError('redrive() got no queue: give it a DeadLetterQueue.');
  }
  checkFunction('redrive() got project', project);
  const { policy, queuePolicy, concurrency, keysOf, batchSize, failedBefore, oldValues } = resolveOptions(options);
  type R = ObservedValueOf<O>;
  type Outcome = Result<R, DeadLetter<T>>;
  return defer(() => {
    // A letter that fails in the millisecond of the start belongs to the redrive; one that fails again does not.
    const before = Math.min(failedBefore, policy.scheduler.now() + 1);
    const take = { limit: batchSize, failedBefore: before };
    const portions = new LetterPortions(queue, take, concurrency === Infinity ? batchSize : concurrency, queuePolicy);

    const work = (letter: DeadLetter<T>): Observable<Outcome> => {
      const unchanged = copyOf(letter);
      oldValues.look(letter);
      const attempt = () =>
        valueNow(letter, oldValues).pipe(mergeMap((value) => project(value, letter) as ObservableInput<R>));
      return attempts(attempt, policy).pipe(
        mergeMap((outcome) => (outcome.ok ? remove(letter, outcome.val) : putBack(unchanged(), outcome.val))),
        tap({ complete: () => portions.takeIfRoom() }),
      );
    };

    const remove = ({ id }: DeadLetter<T>, results: readonly R[]): Observable<Outcome> =>
      askQueue('remove', () => queue.remove([id]), queuePolicy).pipe(
        tap(() => portions.done(id)),
        mergeMap(() => results.map((result) => Ok(result))),
      );

    const putBack = (letter: DeadLetter<T>, failure: Failure): Observable<Outcome> => {
      const again = triedAgain(letter, failure, before);
      return askQueue('put', () => queue.put([again]), queuePolicy).pipe(
        tap(() => portions.done(again.id)),
        map(() => Err(again)),
      );
    };

    return (portions.letters$ as Observable<DeadLetter<T>>).pipe(
      keyedWork<DeadLetter<T>, Outcome>({ caller: 'redrive()', project: work, concurrency, keysOf, limit: undefined }),
      finalize(() => portions.close()),
    );
  });
}

/** Returns copies of the letter as it was taken, whatever the work does to its value. */
function copyOf<T>(letter: DeadLetter<T>): () => DeadLetter<T> {
  const text = formatDeadLetter(letter);
  return () => (text.ok ? (parseDeadLetter(text.val).unwrapOr(letter) as DeadLetter<T>) : letter);
}

/**
 * The time is never before `failedBefore`, whatever the clock says; otherwise this redrive would take the letter again.
 */
function triedAgain<T>(letter: DeadLetter<T>, failure: Failure, failedBefore: number): DeadLetter<T> {
  return {
    ...letter,
    error: errorDataOf(failure.error),
    attempts: letter.attempts + failure.attempts,
    lastFailedAt: Math.max(failure.lastFailedAt, failedBefore),
  };
}

const OWN_NAMES: readonly string[] = Object.keys({
  concurrency: true,
  keyBy: true,
  failedBefore: true,
  batchSize: true,
  queueRetry: true,
  reread: true,
  skipIf: true,
  asTheyWere: true,
  logger: true,
} satisfies Record<Exclude<keyof RedriveOptions<unknown>, keyof RetryPolicy>, true>);

function resolveOptions<T>(options: RedriveOptions<T>) {
  checkOptionNames(options, [...RETRY_NAMES, ...OWN_NAMES], { of: 'redrive()' });
  const { maxRetries = 0, concurrency = 1, keyBy = recordIdsOf, batchSize = 100, queueRetry = {} } = options;
  const { failedBefore = Infinity } = options;
  if (typeof failedBefore !== 'number' || Number.isNaN(failedBefore)) {
    throw wrongNumber('redrive() got failedBefore', failedBefore, 'it must be epoch milliseconds');
  }
  return {
    policy: resolveRetryPolicy('redrive()', { ...options, maxRetries }),
    queuePolicy: resolveQueueRetry('redrive()', queueRetry, options),
    concurrency: checkCount('redrive() got concurrency', concurrency, 1, true),
    batchSize: checkCount('redrive() got batchSize', batchSize, 1),
    keysOf: keysBy(concurrency, checkFunction('redrive() got keyBy', keyBy)),
    failedBefore,
    oldValues: resolveOldValues('redrive()', options),
  };
}

/** The keys of a letter. Work done one after the other is in order, whatever the keys. */
function keysBy<T>(concurrency: number, keyBy: (value: T) => string | readonly string[]) {
  return ({ value }: DeadLetter<T>): readonly string[] => {
    const keys = concurrency === 1 ? NO_KEYS : keyBy(value);
    return typeof keys === 'string' ? [keys] : keys;
  };
}

const NO_KEYS: readonly string[] = [];
