import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { ConfigurationError, Err, Ok, type DeadLetterQueueError, type Result } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue, TakeOptions } from '@rxforce/dead-letters';
import { limitError } from '@rxforce/dead-letters/internal';
import { LetterCalls, PAGE_BYTES, PAGE_LETTERS, START, type LetterAnswer, type Position } from './dead-letter-calls.js';
import { DeadLetterClaims } from './dead-letter-claims.js';
import { queueFull } from './dead-letter-errors.js';
import { listLetters } from './dead-letter-list.js';
import { DEPTH, PURGE, PURGE_ALL, PUT, RELEASE, REMOVE, RENEW, TAKE } from './dead-letter-scripts.js';
import { letterIn, takenIn, writeLetters, type TakenLetter, type TakenPage } from './dead-letter-texts.js';
import { RedisConnection, type RedisConnectionOptions, type RedisSource } from './redis-connection.js';
import { escaped } from './redis-keys.js';

/** How a `redisDeadLetterQueue` keeps letters. */
export interface RedisDeadLetterQueueOptions extends RedisConnectionOptions {
  /**
   * Tells the queues of one Redis apart: give each pipeline one of its own. Not empty.
   *
   * @defaultValue `'dead-letters'`
   */
  readonly name?: string;
  /**
   * How long letters stay with a taker that has died, or is without Redis, in milliseconds, from 100. Then others may take
   * them. A taker that lives keeps its letters, however long the work on them takes. All processes should have the same.
   *
   * @defaultValue 60_000
   */
  readonly claimMs?: number;
  /**
   * Most letters; at least 1. When they are there, `put` answers an `Err`, and no letter is dropped.
   *
   * @defaultValue `Infinity`
   */
  readonly maxLetters?: number;
}

/** Dead letters on Redis. */
export interface RedisDeadLetterQueue extends DeadLetterQueue {
  /**
   * Ends the renewal of what was taken, and closes the connection, if the queue was given options and made it. Letters that
   * are still taken may be taken by others after `claimMs`. Never rejects.
   */
  close(): Promise<void>;
}

/** How many letters that others have taken are passed over in one call: Redis does nothing else meanwhile. */
const LOOKS_PER_CALL = 1_000;
/** Most letters that are purged in one call. */
const PURGED_PER_CALL = 1_000;

/**
 * Keeps dead letters on Redis, as a stream with a consumer group, so that they outlive the machine, and any process can work
 * on them.
 *
 * **What was put is as durable as Redis is**: see the README for what its persistence, replication and eviction policy mean.
 *
 * - Processes: any number may put, list, take and remove. A letter is given to one taker at a time. What a process has taken
 *   it keeps until it gives it back, dies or is closed; `claimMs` after that others may take it. So a process that stood
 *   still for that long, or was without Redis, may find that another has handled its letters, too. `release` leaves letters
 *   alone that are somebody else's by then.
 * - List: page by page. What this queue changes meanwhile shows at once, what others change from the next page on; letters put
 *   meanwhile are left out. A letter that is replaced meanwhile may be listed twice: as it was, and as it is.
 * - Values: come back as `formatDeadLetter` says. A value that cannot be written, such as one that contains itself, is an
 *   `Err` of `put` that is not retriable.
 * - Full: with `maxLetters`, `put` answers an `Err`, so that a pipeline stops rather than loses an event.
 * - Redis away, or silent: every call is an `Err` after `timeoutMs`, retriable if it may pass. What `put` or `remove` answers
 *   with an `Err` may have been done all the same.
 * - Damage: keys that do not go together, as when one was deleted, are an `Err` at every call that says what to do; so is a
 *   letter that cannot be read, at `take`, and at `list`, which goes on with the next.
 * - Memory: a page of letters, at most about 1 MiB or one letter; the ids of those that are taken. In Redis the text of each
 *   letter and about 0.6 kB.
 *
 * @param redis - A client of ioredis, which the caller closes; or the options of one.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function redisDeadLetterQueue(
  redis: RedisSource,
  options: RedisDeadLetterQueueOptions = {},
): RedisDeadLetterQueue {
  return new DeadLetterQueueOnRedis(redis, resolveOptions(options));
}

type ResolvedOptions = ReturnType<typeof resolveOptions>;

class DeadLetterQueueOnRedis implements RedisDeadLetterQueue {
  private readonly connection: RedisConnection;
  private readonly calls: LetterCalls;
  private readonly claims: DeadLetterClaims;
  /** The name under which this queue takes letters. */
  private readonly consumer = `${hostname()}:${process.pid}:${randomBytes(6).toString('base64url')}`;
  /** How often something was put or removed here. */
  private changes = 0;

  constructor(
    redis: RedisSource,
    private readonly options: ResolvedOptions,
  ) {
    this.connection = new RedisConnection(redis, options);
    this.calls = new LetterCalls(this.connection, options.name);
    this.claims = new DeadLetterClaims(options.claimMs, (ids) => this.renew(ids));
  }

  async put(letters: readonly DeadLetter[]): Promise<Answer<void>> {
    const { maxLetters, name } = this.options;
    const written = writeLetters(letters);
    if (written.err) return written;
    this.changes++;
    const args = [...written.val].flatMap(([id, letter]) => [id, ...letter]);
    const answer = await this.calls.ask('Putting letters into', PUT, [
      maxLetters === Infinity ? '' : maxLetters,
      ...args,
    ]);
    if (answer.err) return answer;
    const [event, depth, newCount] = answer.val;
    if (event === 'full') return Err(queueFull(name, Number(depth), Number(newCount), maxLetters));
    this.claims.delete([...written.val.keys()]);
    return DONE;
  }

  list(): AsyncIterable<Answer<DeadLetter>> {
    return { [Symbol.asyncIterator]: () => listLetters(this.calls, this.options.name, () => this.changes) };
  }

  async take(options: TakeOptions): Promise<Answer<readonly DeadLetter[]>> {
    const { limit, failedBefore = Infinity } = options;
    const refused = limitError(limit);
    if (refused) return Err(refused);
    if (Number.isNaN(failedBefore)) return Ok([]);
    const taken: TakenLetter[] = [];
    for (let after: Position | undefined = START; after && taken.length < limit;) {
      const page = await this.takePage(limit - taken.length, failedBefore, after);
      if (page.err) return this.giveBack(taken, page.val);
      taken.push(...page.val.letters);
      after = page.val.next;
    }
    const letters: DeadLetter[] = [];
    for (const { id, text } of taken) {
      const letter = letterIn(text, this.options.name, id);
      if (letter.err) return this.giveBack(taken, letter.val);
      letters.push(letter.val);
    }
    return Ok(letters);
  }

  async release(ids: readonly string[]): Promise<Answer<void>> {
    return this.releaseKept(ids.map(escaped));
  }

  async remove(ids: readonly string[]): Promise<Answer<void>> {
    const those = ids.map(escaped);
    this.changes++;
    const answer = await this.calls.askEach('Removing letters from', REMOVE, [], those);
    if (answer.err) return answer;
    this.claims.delete(those);
    return DONE;
  }

  async purge(failedBefore?: number): Promise<Answer<number>> {
    this.changes++;
    if (Number.isNaN(failedBefore)) return Ok(0);
    for (let sum = 0; ;) {
      const answer = await (failedBefore === undefined
        ? this.calls.ask('Purging', PURGE_ALL, [])
        : this.calls.ask('Purging', PURGE, [failedBefore, PURGED_PER_CALL]));
      if (answer.err) return answer;
      const count = Number(answer.val[1]);
      sum += count;
      if (failedBefore === undefined || count < PURGED_PER_CALL) return Ok(sum);
    }
  }

  async depth(): Promise<Answer<number>> {
    const answer = await this.calls.ask('Counting the letters of', DEPTH, []);
    return answer.map(([, depth]) => Number(depth));
  }

  close(): Promise<void> {
    this.claims.close();
    return this.connection.close();
  }

  private async takePage(limit: number, failedBefore: number, after: Position): Promise<Answer<TakenPage>> {
    const { claimMs } = this.options;
    const most = Math.min(limit, PAGE_LETTERS);
    const args = [this.consumer, claimMs, failedBefore, ...after, most, PAGE_BYTES, LOOKS_PER_CALL];
    // Nobody waits for letters that come too late.
    const late = (answer: LetterAnswer) => void this.releaseKept(takenIn(answer).letters.map(({ id }) => id));
    const answer = await this.calls.ask('Taking letters from', TAKE, args, late);
    if (answer.err) return answer;
    const page = takenIn(answer.val);
    this.claims.add(page.letters.map(({ id }) => id));
    return Ok(page);
  }

  /** The error stands, also where giving back fails: then others may take them after `claimMs`. */
  private async giveBack(
    taken: readonly TakenLetter[],
    error: DeadLetterQueueError,
  ): Promise<Err<DeadLetterQueueError>> {
    if (taken.length > 0) await this.releaseKept(taken.map(({ id }) => id));
    return Err(error);
  }

  /** @param ids - As Redis has them. */
  private async releaseKept(ids: readonly string[]): Promise<Answer<void>> {
    this.claims.delete(ids);
    const answer = await this.calls.askEach('Releasing letters of', RELEASE, [this.consumer], ids);
    return answer.err ? answer : DONE;
  }

  private async renew(ids: readonly string[]): Promise<readonly string[]> {
    const answer = await this.calls.askEach('Renewing the claims on letters of', RENEW, [this.consumer], ids);
    // It is tried again; until then nobody else may have taken them.
    return answer.ok ? answer.val : [];
  }
}

type Answer<T> = Result<T, DeadLetterQueueError>;

const DONE = Ok(undefined);

function resolveOptions(options: RedisDeadLetterQueueOptions) {
  const { name = 'dead-letters', claimMs = 60_000, maxLetters = Infinity } = options;
  if (typeof name !== 'string' || name === '') {
    throw new ConfigurationError(`name is ${JSON.stringify(name)}, but must be a text, such as "dead-letters".`);
  }
  return {
    ...options,
    name,
    claimMs: wholeNumber('claimMs', claimMs, 100, LONGEST_TIMER_MS),
    maxLetters: maxLetters === Infinity ? Infinity : wholeNumber('maxLetters', maxLetters, 1, Number.MAX_SAFE_INTEGER),
  };
}
