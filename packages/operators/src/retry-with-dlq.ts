import { concat, EMPTY, map, mergeMap, tap, type Observable, type OperatorFunction } from 'rxjs';
import { checkOptionNames, ConfigurationError, Err, Ok, type Result } from '@rxforce/core/model';
import {
  askQueue,
  attemptsThen,
  resolveQueueRetry,
  resolveRetryPolicy,
  RETRY_NAMES,
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
  type WorkClaim,
  type WorkResult,
} from '@rxforce/core/internal';
import { keptInOrder } from './handle.js';

/** How `retryWithDLQ` tries again, and where it puts what fails. */
export interface RetryWithDLQOptions<T> extends RetryPolicy {
  /**
   * The queue for values that fail. Give each pipeline a queue of its own: the letters of one event have the same id,
   * and a later letter replaces the earlier one.
   */
  readonly deadLetters: DeadLetterQueue;
  /**
   * Most values worked on at a time, including values that wait for their next attempt; at least 1, `Infinity` for as
   * many as come. With 1, all later values wait until a value is handled or put aside, so order is kept. With more,
   * only values that share a key with it wait.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * The keys whose order is kept: a value starts only when all earlier ones that share a key with it have been handled
   * or put aside. A value without keys waits for none.
   *
   * @defaultValue the record ids of a change event, or of all members of a batch; no keys for other values
   */
  readonly keyBy?: (value: T) => string | readonly string[];
  /**
   * Whether a batch that fails for good is tried in parts, so that only the members that fail on their own are put
   * aside.
   *
   * @defaultValue `false`: all members of a batch that fails are put aside
   */
  readonly splitBatches?: boolean;
  /**
   * Called with each letter when the queue has it, before the letter is emitted, for example to log it. If it throws,
   * the stream errors.
   */
  readonly onDeadLetter?: (letter: DeadLetter<ItemOf<T>>) => void;
  /**
   * Called when an attempt at a value has failed and another one follows, before the wait, for example to log or count
   * it. It gets the value, the number of the attempt that failed, from 1, and its error. The last failure is no retry:
   * see `onDeadLetter`. If it throws, the stream errors.
   */
  readonly onRetry?: (value: T, attempt: number, error: unknown) => void;
  /**
   * How a failing queue is tried again.
   *
   * @defaultValue 10 retries, with the default delays of a retry policy
   */
  readonly queueRetry?: QueueRetryPolicy;
}

/**
 * Does asynchronous work on each value, and tries failed work again. A value that fails for good is put into a
 * dead-letter queue. One poison record does not stop the stream, and is not lost.
 *
 * ```marble
 * source  -a--b-------c----|
 *         retryWithDLQ(save, { maxRetries: 1, deadLetters })          save takes 2; for `b` it fails
 * result  ---a-------x--c--|      a = Ok(a), x = Err(letter of b), c = Ok(c)
 * settled ---a-------b--c---
 * ```
 *
 * A value is an event, a batch or a transaction of `byTransaction`. An array is a batch; an empty one is not worked on.
 * When an attempt has completed without error, each of its results is emitted as an `Ok`. The results of a failed
 * attempt are dropped. When the queue has a letter, the letter is emitted as an `Err`.
 *
 * A batch or a transaction gets a letter for each member; a transaction is never split. The letter of a value that is
 * no longer an event (after `map((event) => event.data)`) does not say where the value came from: select the data in
 * `project` instead.
 *
 * With `splitBatches`, a batch that fails for good is halved. Each half is tried once, the first half first, and is
 * halved again if it fails. A single member gets all retries again. Each attempt that a member was part of counts in
 * its letter's `attempts`. A batch of n is worked on at most (n + 1) · (maxRetries + 1) + n - 2 times; with one poison
 * member, about 2 · log2(n) times, plus the retries of the batch and of that member.
 *
 * - Complete: when the source has completed and all values are handled or put aside.
 * - Error: passes on the error of the source, and errors thrown by `retryable`, `outage`, `delays`, `keyBy`, `onRetry`
 *   or `onDeadLetter`; other work is unsubscribed. A `DeadLetterQueueError` when the queue still fails after its
 *   retries, or reports that the failure is permanent. A failure of `project` is not an error of the stream.
 * - Unsubscribe: unsubscribes all work, and starts no more attempts. Its events are not settled and come again after a
 *   restart.
 * - Delivery: holds each event until it is handled or its letters are in the queue. Results and letters are emitted in
 *   the event's scope. An event that comes again after a crash may be handled while its letter is in the queue.
 *   `project` must not hold events itself, as `handle` inside it would: an attempt that fails would give them up.
 * - Order: work starts in order for each key; with `concurrency: 1`, everything keeps its order.
 * - Memory: the values that wait, and the results of the attempts under way; on a rxforce stream at most its window.
 *
 * @param project - Starts an attempt, and returns a promise, an Observable or an iterable. It gets the number of the
 * attempt, from 1. If it throws, the attempt has failed. If it returns nothing, the attempt has succeeded. A promise
 * among the results, as from `leads.map(save)`, is a programming mistake and not a failure of the attempt, and errors
 * the stream with a `ConfigurationError`: return `Promise.all(leads.map(save))`. It may be called several times for the
 * same value, so repeated work must be safe.
 * @throws `ConfigurationError` when there is no queue, or `project` or an option cannot be right.
 */
export function retryWithDLQ<T, O extends Work>(
  project: (value: T, attempt: number) => O,
  options: RetryWithDLQOptions<T>,
): OperatorFunction<T, Result<WorkResult<O>, DeadLetter<ItemOf<T>>>> {
  checkFunction('retryWithDLQ() got project', project);
  const { policy, splitBatches, onRetry, queue, ...order } = resolveOptions(options);
  type R = WorkResult<O>;
  type Outcome = Result<R, DeadLetter<ItemOf<T>>>;

  function work(value: T, hand: Hand, before?: Failure): Observable<Outcome> {
    const { started, claim } = hand;
    const members = itemsOf(value);
    if (members.length === 0) return EMPTY;
    const isHalf = before !== undefined && members.length > 1;
    // An attempt may change its batch, but the next attempt and the letters need the original members.
    const copy = () => (Array.isArray(value) ? ([...members] as unknown as T) : value);
    return attemptsThen<R, Outcome>(
      (attempt) => callProject<R>('retryWithDLQ()', () => project(copy(), attempt), started),
      isHalf ? { ...policy, maxRetries: 0 } : policyFor(value),
      (outcome) =>
        outcome.ok
          ? outcome.val.map((result) => Ok(result))
          : failed(members, hand, Array.isArray(value) && splitBatches, outcome.val),
      before,
      () => claim.isLost(),
    );
  }

  function policyFor(value: T) {
    if (onRetry === undefined) return policy;
    return { ...policy, onRetry: (attempt: number, error: unknown) => onRetry(value, attempt, error) };
  }

  function failed(members: readonly ItemOf<T>[], hand: Hand, splits: boolean, failure: Failure): Observable<Outcome> {
    if (hand.claim.isLost()) {
      // Another replica tries it, and puts it aside where that is needed.
      hand.claim.giveUp();
      return EMPTY;
    }
    if (!splits || members.length === 1) {
      const letters = members.map((member) => deadLetterOf(member, failure.error, failure));
      return putAside(letters, queue).pipe(map((letter) => Err(letter)));
    }
    const middle = Math.ceil(members.length / 2);
    const halves = [members.slice(0, middle), members.slice(middle)] as readonly unknown[] as readonly T[];
    return concat(...halves.map((half) => work(half, hand, failure)));
  }

  return keptInOrder('retryWithDLQ()', (value: T, _index, started, claim) => work(value, { started, claim }), order);
}

/** What the work on a value is given. */
interface Hand {
  readonly started: (running: PromiseLike<unknown>) => void;
  readonly claim: WorkClaim;
}

type LetterQueue<T> = ReturnType<typeof resolveOptions<T>>['queue'];

/** Emits each letter when the queue has them all. */
function putAside<T>(
  letters: readonly DeadLetter<ItemOf<T>>[],
  { deadLetters, queuePolicy, onDeadLetter }: LetterQueue<T>,
): Observable<DeadLetter<ItemOf<T>>> {
  return askQueue('put', () => deadLetters.put(letters), queuePolicy).pipe(
    mergeMap(() => letters),
    tap((letter) => onDeadLetter?.(letter)),
  );
}

const OWN_NAMES: readonly string[] = Object.keys({
  deadLetters: true,
  concurrency: true,
  keyBy: true,
  splitBatches: true,
  onDeadLetter: true,
  onRetry: true,
  queueRetry: true,
} satisfies Record<Exclude<keyof RetryWithDLQOptions<unknown>, keyof RetryPolicy>, true>);

function resolveOptions<T>(options: RetryWithDLQOptions<T>) {
  checkOptionNames(Object(options), [...RETRY_NAMES, ...OWN_NAMES], { of: 'retryWithDLQ()' });
  const {
    deadLetters,
    concurrency = 1,
    keyBy = recordIdsOf,
    splitBatches = false,
    onDeadLetter,
    onRetry,
    queueRetry = {},
  } = Object(options) as RetryWithDLQOptions<T>;
  checkFunction('retryWithDLQ() got keyBy', keyBy);
  if (onDeadLetter !== undefined) checkFunction('retryWithDLQ() got onDeadLetter', onDeadLetter);
  if (onRetry !== undefined) checkFunction('retryWithDLQ() got onRetry', onRetry);
  if (typeof (Object(deadLetters) as Partial<DeadLetterQueue>).put !== 'function') {
    throw new ConfigurationError('retryWithDLQ() got no deadLetters: give it a DeadLetterQueue.');
  }
  const policy = resolveRetryPolicy('retryWithDLQ()', options);
  const queuePolicy = resolveQueueRetry('retryWithDLQ()', queueRetry, options);
  return {
    policy,
    concurrency: checkCount('retryWithDLQ() got concurrency', concurrency, 1, true),
    keyBy,
    splitBatches,
    onRetry,
    queue: { deadLetters, queuePolicy, onDeadLetter },
  };
}
