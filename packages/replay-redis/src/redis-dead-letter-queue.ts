import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { ConfigurationError, type DeadLetterQueueError, type Result } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue, TakeOptions } from '@rxforce/dead-letters';
import { checkLimit, LetterClaims, writeLetters } from '@rxforce/dead-letters/internal';
import { LetterCalls, PAGE_BYTES, PAGE_LETTERS, START, type LetterAnswer, type Position } from './dead-letter-calls.js';
import { queueFull } from './dead-letter-errors.js';
import { listLetters } from './dead-letter-list.js';
import { DEPTH, PURGE, PURGE_ALL, PUT, RELEASE, REMOVE, RENEW, TAKE } from './dead-letter-scripts.js';
import { letterIn, takenIn, type TakenLetter, type TakenPage } from './dead-letter-texts.js';
import { RedisConnection, type RedisConnectionOptions, type RedisSource } from './redis-connection.js';
import { escaped } from './redis-keys.js';

/** How a `redisDeadLetterQueue` keeps letters. */
export interface RedisDeadLetterQueueOptions extends RedisConnectionOptions {
  /**
   * Distinguishes the queues of one Redis. Give each pipeline a queue of its own. Not empty.
   *
   * @defaultValue `'dead-letters'`
   */
  readonly name?: string;
  /**
   * How long letters stay with a taker that has died or cannot reach Redis, in milliseconds, from 100. After that
   * others may take them. A live taker keeps its letters, however long the work on them takes. All processes should use
   * the same value.
   *
   * @defaultValue 60_000
   */
  readonly claimMs?: number;
  /**
   * Most letters; at least 1. When the queue is full, `put` rejects, and no letter is dropped.
   *
   * @defaultValue `Infinity`
   */
  readonly maxLetters?: number;
}

/** Dead letters on Redis. */
export interface RedisDeadLetterQueue extends DeadLetterQueue {
  /**
   * Stops the renewal of claims, and closes the connection, if the queue made it from options. Others may take the
   * letters that are still taken after `claimMs`. Never rejects.
   */
  close(): Promise<void>;
}

/** How many letters of other takers are skipped in one call; Redis does nothing else during a call. */
const LOOKS_PER_CALL = 1_000;
/** Most letters that are purged in one call. */
const PURGED_PER_CALL = 1_000;

/**
 * Keeps dead letters on Redis, as a stream with a consumer group. So they outlive the machine, and any process can work
 * on them.
 *
 * **Letters are as durable as Redis is**: the README explains the effect of its persistence, replication and eviction
 * policy.
 *
 * - Processes: any number may put, list, take and remove. A letter is given to one taker at a time. A process keeps the
 *   letters that it has taken until it gives them back, dies or is closed; `claimMs` after its death or close, others
 *   may take them. So after a process hung, or could not reach Redis, for that long, another process may also have
 *   handled its letters. `release` ignores letters that another taker has by then.
 * - List: page by page. Changes by this queue show at once, changes by others from the next page on. Letters that are
 *   put meanwhile are left out. A letter that is replaced meanwhile may be listed twice: the old one and the new one.
 * - Values: come back as `formatDeadLetter` describes. `put` rejects a value that cannot be written, such as one that
 *   contains itself; that error is not retriable.
 * - Full: with `maxLetters`, `put` rejects, so that a pipeline stops rather than loses an event.
 * - Redis away, or silent: every call rejects after `timeoutMs`; the error is retriable if the failure may be
 *   temporary. A `put` or `remove` that rejected may still have been done.
 * - Damage: where keys are inconsistent, for example because one was deleted, every call rejects and says what to do.
 *   Where a letter cannot be read, `take` rejects. `list` has an `Err` for that letter, and continues with the next.
 * - Memory: a page of letters, at most about 1 MiB or one letter; the ids of the taken letters. In Redis, the text of
 *   each letter plus about 0.6 kB.
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
  private readonly claims: LetterClaims;
  /** The name under which this queue takes letters. */
  private readonly consumer = `${hostname()}:${process.pid}:${randomBytes(6).toString('base64url')}`;
  /** Counts the puts and removals of this queue. */
  private changes = 0;

  constructor(
    redis: RedisSource,
    private readonly options: ResolvedOptions,
  ) {
    this.connection = new RedisConnection(redis, options);
    this.calls = new LetterCalls(this.connection, options.name);
    this.claims = new LetterClaims(options.claimMs, (ids) => this.renew(ids));
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    const { maxLetters, name } = this.options;
    const written = writeLetters(letters).map(({ id, ...rest }) => ({ id: escaped(id), ...rest }));
    this.changes++;
    const [event, depth, newCount] = await this.calls.ask('Putting letters into', PUT, [
      maxLetters === Infinity ? '' : maxLetters,
      ...written.flatMap(({ id, lastFailedAt, text }) => [id, lastFailedAt, text]),
    ]);
    if (event === 'full') throw queueFull(name, Number(depth), Number(newCount), maxLetters);
    this.claims.delete(written.map(({ id }) => id));
  }

  list(): AsyncIterable<Result<DeadLetter, DeadLetterQueueError>> {
    return { [Symbol.asyncIterator]: () => listLetters(this.calls, this.options.name, () => this.changes) };
  }

  async take(options: TakeOptions): Promise<readonly DeadLetter[]> {
    const { limit, failedBefore = Infinity } = options;
    checkLimit(limit);
    if (Number.isNaN(failedBefore)) return [];
    const taken: TakenLetter[] = [];
    try {
      for (let after: Position | undefined = START; after && taken.length < limit;) {
        const page: TakenPage = await this.takePage(limit - taken.length, failedBefore, after);
        taken.push(...page.letters);
        after = page.next;
      }
      return taken.map(({ id, text }) => orThrow(letterIn(text, this.options.name, id)));
    } catch (error) {
      await this.giveBack(taken);
      throw error;
    }
  }

  async release(ids: readonly string[]): Promise<void> {
    await this.releaseKept(ids.map(escaped));
  }

  async remove(ids: readonly string[]): Promise<void> {
    const those = ids.map(escaped);
    this.changes++;
    await this.calls.askEach('Removing letters from', REMOVE, [], those);
    this.claims.delete(those);
  }

  async purge(failedBefore?: number): Promise<number> {
    this.changes++;
    if (Number.isNaN(failedBefore)) return 0;
    for (let sum = 0; ;) {
      const [, purged] = await (failedBefore === undefined
        ? this.calls.ask('Purging', PURGE_ALL, [])
        : this.calls.ask('Purging', PURGE, [failedBefore, PURGED_PER_CALL]));
      sum += Number(purged);
      if (failedBefore === undefined || Number(purged) < PURGED_PER_CALL) return sum;
    }
  }

  async depth(): Promise<number> {
    const [, depth] = await this.calls.ask('Counting the letters of', DEPTH, []);
    return Number(depth);
  }

  close(): Promise<void> {
    this.claims.close();
    return this.connection.close();
  }

  private async takePage(limit: number, failedBefore: number, after: Position): Promise<TakenPage> {
    const { claimMs } = this.options;
    const most = Math.min(limit, PAGE_LETTERS);
    const args = [this.consumer, claimMs, failedBefore, ...after, most, PAGE_BYTES, LOOKS_PER_CALL];
    // Nobody waits for letters that come too late.
    const late = (answer: LetterAnswer) => void this.giveBack(takenIn(answer).letters);
    const page = takenIn(await this.calls.ask('Taking letters from', TAKE, args, late));
    this.claims.add(page.letters.map(({ id }) => id));
    return page;
  }

  /** Gives letters back. Does not reject. Where that fails, others may take the letters after `claimMs`. */
  private async giveBack(taken: readonly TakenLetter[]): Promise<void> {
    if (taken.length > 0) await this.releaseKept(taken.map(({ id }) => id)).catch(() => undefined);
  }

  /** @param ids - The ids as Redis has them. */
  private async releaseKept(ids: readonly string[]): Promise<void> {
    this.claims.delete(ids);
    await this.calls.askEach('Releasing letters of', RELEASE, [this.consumer], ids);
  }

  /**
   * Renews claims. A failed renewal is tried again, and until then it may be that nobody else has taken the letters.
   */
  private renew(ids: readonly string[]): Promise<readonly string[]> {
    return this.calls.askEach('Renewing the claims on letters of', RENEW, [this.consumer], ids).catch(() => []);
  }
}

/** Throws for a letter that cannot be read, because a taken letter must not be skipped. */
function orThrow(letter: Result<DeadLetter, DeadLetterQueueError>): DeadLetter {
  if (letter.err) throw letter.val;
  return letter.val;
}

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
