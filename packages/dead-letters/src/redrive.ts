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
import { resolveRetryPolicy, type RetryPolicy } from './retries/retry-policy.js';

/** How `redrive` works on letters. */
export interface RedriveOptions<T> extends RetryPolicy, OldValueOptions<T> {
  /**
   * Most attempts at a letter after the first of this redrive; from 0, `Infinity` to go on until it works.
   *
   * @defaultValue 0
   */
  readonly maxRetries?: number;
  /**
   * Most letters worked on at a time; at least 1, `Infinity` for all that were taken.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * The keys of a letter's value whose order is kept: a letter starts only when all earlier ones that share a key with
   * it are done. No keys: it waits for none.
   *
   * @defaultValue the record ids of a change event, none for other values
   */
  readonly keyBy?: (value: T) => string | readonly string[];
  /**
   * Only letters that failed last before this time, in epoch milliseconds. A time to come is taken for the start.
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
   * How the queue is tried again when it fails.
   *
   * @defaultValue 10 retries, with the default delays of a retry policy
   */
  readonly queueRetry?: QueueRetryPolicy;
}

/**
 * Works on the letters of a dead-letter queue again, the one that failed last longest ago first.
 *
 * ```ts
 * const upsert = (lead: ChangeEvent<Lead>) => crm.upsert([lead]);
 * redrive(queue, upsert, { reread: (lead) => leadNow(lead) }).subscribe((result) => console.log(result.ok));
 * ```
 *
 * A letter has the value of the time when it failed. Newer changes of the same record may have been written since, and
 * the work on the letter writes the old value over them. So give `reread`, which reads the record as it is now, or
 * `skipIf`, which says that something newer was written. By default a redrive of change events does neither, and warns
 * once. What changes between the reading and the writing can be written over all the same: only the other system can
 * rule that out, when it compares as it writes.
 *
 * What is handled is removed from the queue, then each of its results is emitted as an `Ok`. What fails is put back
 * with one more attempt for each made, the time and the new error, then emitted as an `Err`; it is not tried again
 * before the next redrive. What there is no work for, because `skipIf` says so or the record is gone, is removed, and
 * nothing is emitted. Each subscription is a redrive. Several may run at a time: a letter is given to one of them.
 *
 * - Complete: when the queue has no more such letters to give and all work is done.
 * - Error: a `DeadLetterQueueError` when the queue still fails after its retries, or says that it cannot pass; what
 *   `retryable`, `delays` or `keyBy` throws. What `project`, `reread` or `skipIf` fails with is no error of the
 *   redrive.
 * - Unsubscribe: unsubscribes all work. As after an error, letters that are not done stay in the queue, and are
 *   released for the next redrive.
 * - Delivery: at least once: a letter is in the queue until the work on it has completed, so what a crash interrupts is
 *   handled again.
 * - Order: of the start of work by key; with `concurrency: 1` of everything. What fails again falls behind the rest.
 * - Memory: fewer letters than `concurrency` and `batchSize` together, or than twice `batchSize` where there is no such
 *   limit.
 *
 * @param queue - Where the letters are.
 * @param project - Starts the work on a letter's value, or on what `reread` gives: a promise, an Observable, an
 * iterable. The queue does not know the type of its values: say it at the parameter. An event that could not be decoded
 * has its bytes in `payload`.
 * @throws `ConfigurationError` when `queue` is no queue, or `project` or an option cannot be right.
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
    // A letter that fails in the millisecond of the start belongs to it, one that fails again does not.
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

/** The letter as it was taken, whatever the work does to its value. */
function copyOf<T>(letter: DeadLetter<T>): () => DeadLetter<T> {
  const text = formatDeadLetter(letter);
  return () => (text.ok ? (parseDeadLetter(text.val).unwrapOr(letter) as DeadLetter<T>) : letter);
}

/** The time is not before `failedBefore`, whatever the clock does: or this redrive would take the letter again. */
function triedAgain<T>(letter: DeadLetter<T>, failure: Failure, failedBefore: number): DeadLetter<T> {
  return {
    ...letter,
    error: errorDataOf(failure.error),
    attempts: letter.attempts + failure.attempts,
    lastFailedAt: Math.max(failure.lastFailedAt, failedBefore),
  };
}

const NAMES: readonly string[] = Object.keys({
  maxRetries: true,
  concurrency: true,
  keyBy: true,
  failedBefore: true,
  batchSize: true,
  queueRetry: true,
  delays: true,
  retryable: true,
  timeoutMs: true,
  random: true,
  scheduler: true,
  reread: true,
  skipIf: true,
  asTheyWere: true,
  logger: true,
} satisfies Record<keyof RedriveOptions<unknown>, true>);

function resolveOptions<T>(options: RedriveOptions<T>) {
  checkOptionNames(options, NAMES, { of: 'redrive()' });
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

/** The keys of a letter. One after the other is in order whatever the keys. */
function keysBy<T>(concurrency: number, keyBy: (value: T) => string | readonly string[]) {
  return ({ value }: DeadLetter<T>): readonly string[] => {
    const keys = concurrency === 1 ? NO_KEYS : keyBy(value);
    return typeof keys === 'string' ? [keys] : keys;
  };
}

const NO_KEYS: readonly string[] = [];
