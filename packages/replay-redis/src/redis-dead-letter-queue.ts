import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LONGEST_TIMER_MS, wholeNumber } from '@rxforce/core/internal';
import { ConfigurationError, type DeadLetterQueueError, type Result } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterQueue, TakeOptions } from '@rxforce/dead-letters';
import { checkLimit, writeLetters } from '@rxforce/dead-letters/internal';
import { LetterCalls, PAGE_BYTES, PAGE_LETTERS, START, type LetterAnswer, type Position } from './dead-letter-calls.js';
import { DeadLetterClaims } from './dead-letter-claims.js';
import { queueFull } from './dead-letter-errors.js';
import { listLetters } from './dead-letter-list.js';
import { DEPTH, PURGE, PURGE_ALL, PUT, RELEASE, REMOVE, RENEW, TAKE } from './dead-letter-scripts.js';
import { letterIn, takenIn, type TakenLetter, type TakenPage } from './dead-letter-texts.js';
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
   * How long letters stay with a taker that has died, or is without Redis, in milliseconds, from 100. Then others may
   * take them. A taker that lives keeps its letters, however long the work on them takes. All processes should have the
   * same.
   *
   * @defaultValue 60_000
   */
  readonly claimMs?: number;
  /**
   * Most letters; at least 1. When they are there, `put` rejects, and no letter is dropped.
   *
   * @defaultValue `Infinity`
   */
  readonly maxLetters?: number;
}

/** Dead letters on Redis. */
export interface RedisDeadLetterQueue extends DeadLetterQueue {
  /**
   * Ends the renewal of what was taken, and closes the connection, if the queue was given options and made it. Letters
   * that are still taken may be taken by others after `claimMs`. Never rejects.
   */
  close(): Promise<void>;
}

/** How many letters that others have taken are passed over in one call: Redis does nothing else meanwhile. */
const LOOKS_PER_CALL = 1_000;
/** Most letters that are purged in one call. */
const PURGED_PER_CALL = 1_000;

/**
 * Keeps dead letters on Redis, as a stream with a consumer group, so that they outlive the machine, and any process can
 * work on them.
 *
 * **What was put is as durable as Redis is**: see the README for what its persistence, replication and eviction policy
 * mean.
 *
 * - Processes: any number may put, list, take and remove. A letter is given to one taker at a time. What a process has
 *   taken it keeps until it gives it back, dies or is closed; `claimMs` after that others may take it. So a process
 *   that stood still for that long, or was without Redis, may find that another has handled its letters, too. `release`
 *   leaves letters alone that are somebody else's by then.
 * - List: page by page. What this queue changes meanwhile shows at once, what others change from the next page on;
 *   letters put meanwhile are left out. A letter that is replaced meanwhile may be listed twice: as it was, and as it
 *   is.
 * - Values: come back as `formatDeadLetter` says. `put` rejects, not retriable, a value that cannot be written, such as
 *   one that contains itself.
 * - Full: with `maxLetters`, `put` rejects, so that a pipeline stops rather than loses an event.
 * - Redis away, or silent: every call rejects after `timeoutMs`, retriable if it may pass. What `put` or `remove`
 *   rejected may have been done all the same.
 * - Damage: where keys do not go together, as when one was deleted, every call rejects and says what to do; `take` does
 *   where a letter cannot be read. `list` has an `Err` for that letter, and goes on with the next.
 * - Memory: a page of letters, at most about 1 MiB or one letter; the ids of those that are taken. In Redis the text of
 *   each letter and about 0.6 kB.
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

  /** Does not reject. Where giving back fails, others may take the letters after `claimMs`. */
  private async giveBack(taken: readonly TakenLetter[]): Promise<void> {
    if (taken.length > 0) await this.releaseKept(taken.map(({ id }) => id)).catch(() => undefined);
  }

  /** @param ids - As Redis has them. */
  private async releaseKept(ids: readonly string[]): Promise<void> {
    this.claims.delete(ids);
    await this.calls.askEach('Releasing letters of', RELEASE, [this.consumer], ids);
  }

  /** It is tried again when it fails; until then nobody else may have taken them. */
  private renew(ids: readonly string[]): Promise<readonly string[]> {
    return this.calls.askEach('Renewing the claims on letters of', RENEW, [this.consumer], ids).catch(() => []);
  }
}

/** A letter that was taken cannot be passed over. */
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
