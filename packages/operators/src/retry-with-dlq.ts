import { concat, EMPTY, map, mergeMap, tap, type Observable, type OperatorFunction } from 'rxjs';
import { checkOptionNames, ConfigurationError, Err, Ok, type Result } from '@rxforce/core/model';
import {
  askQueue,
  attempts,
  resolveQueueRetry,
  resolveRetryPolicy,
  type Failure,
} from '@rxforce/dead-letters/internal';
import {
  deadLetterOf,
  type DeadLetter,
  type DeadLetterQueue,
  type QueueRetryPolicy,
  type RetryPolicy,
} from '@rxforce/dead-letters';
import {
  callProject,
  checkCount,
  checkFunction,
  itemsOf,
  recordIdsOf,
  type ItemOf,
  type Work,
  type WorkResult,
} from '@rxforce/core/internal';
import { keptInOrder } from './handle.js';

/** How `retryWithDLQ` tries again, and where it puts what fails. */
export interface RetryWithDLQOptions<T> extends RetryPolicy {
  /**
   * Where what fails is put. Give each pipeline a queue of its own: the letters of one event have the same id, and the later
   * one takes the place of the earlier.
   */
  readonly deadLetters: DeadLetterQueue;
  /**
   * Most values worked on at a time, those that wait for their next attempt included; at least 1, `Infinity` for as many as
   * come. With 1, all that come later wait until a value is handled or put aside, so order is kept. With more, only those
   * wait that share a key with it.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * The keys whose order is kept: a value starts only when all earlier ones that share a key with it have been handled or
   * put aside. No keys: it waits for none.
   *
   * @defaultValue the record ids of a change event, for a batch those of all its members, none for other values
   */
  readonly keyBy?: (value: T) => string | readonly string[];
  /**
   * Whether a batch that fails for good is tried in parts, so that only the members that fail alone are put aside.
   *
   * @defaultValue `false`: all members of a batch that fails are put aside
   */
  readonly splitBatches?: boolean;
  /** Told of each letter once the queue has it, before it is emitted: to log it, say. If it throws, the stream errors. */
  readonly onDeadLetter?: (letter: DeadLetter<ItemOf<T>>) => void;
  /**
   * How the queue is tried again when it fails.
   *
   * @defaultValue 10 retries, with the default delays of a retry policy
   */
  readonly queueRetry?: QueueRetryPolicy;
}

/**
 * Does asynchronous work on each value, tries again what fails, and puts aside in a dead-letter queue what fails for good:
 * one poison record does not stop the stream, and is not lost.
 *
 * ```marble
 * source  -a--b-------c----|
 *         retryWithDLQ(save, { maxRetries: 1, deadLetters })          save takes 2; for `b` it fails
 * result  ---a-------x--c--|      a = Ok(a), x = Err(letter of b), c = Ok(c)
 * ```
 *
 * A value is an event, a batch or a transaction of `byTransaction`; an array is a batch, and an empty one is not worked on. Each result of the work is emitted
 * as an `Ok`, when an attempt has completed without error: what an attempt emitted before it failed is dropped. Each letter
 * is emitted as an `Err`, when the queue has it.
 *
 * For a batch or a transaction there is a letter for each member; a transaction is never split. A value that is no event any
 * more (behind `map((event) => event.data)`) has a letter that does not say where it came from: choose the data in `project`.
 *
 * With `splitBatches`, a batch that fails for good is halved, and each half is
 * tried once, and halved if it fails, the first half first; a member alone has all retries again. Each attempt that a member
 * was part of counts in its letter's `attempts`. A batch of n is worked on at most (n + 1) · (maxRetries + 1) + n - 2 times;
 * with one poison member, about 2 · log2(n) times besides the retries of the batch and of that member.
 *
 * - Complete: when the source has completed and all values are handled or put aside.
 * - Error: the source's error is passed on; other work is unsubscribed. So is what `retryable`, `delays`, `keyBy` or
 *   `onDeadLetter` throws. A `DeadLetterQueueError` when the queue still fails after its retries, or says that it cannot
 *   pass. What `project` fails with is no error of the stream.
 * - Unsubscribe: unsubscribes all work, and starts no more attempts. Its events are not settled and come again after a restart.
 * - Delivery: holds each event until it is handled or its letters are in the queue. Results and letters are emitted in the
 *   event's scope. An event that comes again after a crash may be handled while its letter is in the queue. `project` must
 *   not hold events itself, as `handle` inside it would: an attempt that fails would give them up.
 * - Order: of the start of work by key; with `concurrency: 1` of everything.
 * - Memory: the values waiting, and the results of the attempts under way; on a rxforce stream at most its window.
 *
 * @param project - Starts an attempt: a promise, an Observable, an iterable. It is told which attempt it is, from 1. If it
 * throws, the attempt has failed. One that returns nothing has succeeded. A promise as a result, as `leads.map(save)` gives, is no
 * failure of the attempt but a mistake, and errors the stream with a `ConfigurationError`: return `Promise.all(leads.map(save))`. It may be called several times for the same value, so the work must bear that.
 * @throws `ConfigurationError` when there is no queue, or `project` or an option cannot be right.
 */
export function retryWithDLQ<T, O extends Work>(
  project: (value: T, attempt: number) => O,
  options: RetryWithDLQOptions<T>,
): OperatorFunction<T, Result<WorkResult<O>, DeadLetter<ItemOf<T>>>> {
  checkFunction('retryWithDLQ() got project', project);
  const { policy, queuePolicy, deadLetters, splitBatches, onDeadLetter, ...order } = resolveOptions(options);
  type R = WorkResult<O>;
  type Started = (running: PromiseLike<unknown>) => void;
  type Outcome = Result<R, DeadLetter<ItemOf<T>>>;

  function work(value: T, started: Started, before?: Failure): Observable<Outcome> {
    const members = itemsOf(value);
    if (members.length === 0) return EMPTY;
    const isHalf = before !== undefined && members.length > 1;
    // An attempt may take its batch apart: the next one, and the letters, need what was in it.
    const copy = () => (Array.isArray(value) ? ([...members] as unknown as T) : value);
    return attempts(
      (attempt) => callProject<R>('retryWithDLQ()', () => project(copy(), attempt), started),
      isHalf ? { ...policy, maxRetries: 0 } : policy,
      before,
    ).pipe(
      mergeMap((outcome) =>
        outcome.ok
          ? outcome.val.map((result) => Ok(result))
          : failed(members, started, Array.isArray(value) && splitBatches, outcome.val),
      ),
    );
  }

  function failed(
    members: readonly ItemOf<T>[],
    started: Started,
    splits: boolean,
    failure: Failure,
  ): Observable<Outcome> {
    if (!splits || members.length === 1) {
      return putAside(members.map((member) => deadLetterOf(member, failure.error, failure)));
    }
    const middle = Math.ceil(members.length / 2);
    const halves = [members.slice(0, middle), members.slice(middle)] as readonly unknown[] as readonly T[];
    return concat(...halves.map((half) => work(half, started, failure)));
  }

  function putAside(letters: readonly DeadLetter<ItemOf<T>>[]): Observable<Outcome> {
    return askQueue('put', () => deadLetters.put(letters), queuePolicy).pipe(
      mergeMap(() => letters),
      tap((letter) => onDeadLetter?.(letter)),
      map((letter) => Err(letter)),
    );
  }

  return keptInOrder('retryWithDLQ()', (value: T, _index, started) => work(value, started), order);
}

const NAMES: readonly string[] = Object.keys({
  deadLetters: true,
  concurrency: true,
  keyBy: true,
  splitBatches: true,
  onDeadLetter: true,
  queueRetry: true,
  maxRetries: true,
  delays: true,
  retryable: true,
  timeoutMs: true,
  random: true,
  scheduler: true,
} satisfies Record<keyof RetryWithDLQOptions<unknown>, true>);

function resolveOptions<T>(options: RetryWithDLQOptions<T>) {
  checkOptionNames(Object(options), NAMES, { of: 'retryWithDLQ()' });
  const {
    deadLetters,
    concurrency = 1,
    keyBy = recordIdsOf,
    splitBatches = false,
    onDeadLetter,
    queueRetry = {},
  } = Object(options) as RetryWithDLQOptions<T>;
  checkFunction('retryWithDLQ() got keyBy', keyBy);
  if (onDeadLetter !== undefined) checkFunction('retryWithDLQ() got onDeadLetter', onDeadLetter);
  if (typeof (Object(deadLetters) as Partial<DeadLetterQueue>).put !== 'function') {
    throw new ConfigurationError('retryWithDLQ() got no deadLetters: give it a DeadLetterQueue.');
  }
  return {
    policy: resolveRetryPolicy('retryWithDLQ()', options),
    queuePolicy: resolveQueueRetry('retryWithDLQ()', queueRetry, options),
    concurrency: checkCount('retryWithDLQ() got concurrency', concurrency, 1, true),
    deadLetters,
    keyBy,
    splitBatches,
    onDeadLetter,
  };
}
