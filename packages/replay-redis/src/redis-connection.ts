import type { Logger } from '@rxforce/core';
import { LONGEST_TIMER_MS, resolveLogger, wholeNumber } from '@rxforce/core/internal';
import { ConfigurationError, Err, Ok, type Result } from '@rxforce/core/model';
import { Redis, type Cluster, type RedisOptions } from 'ioredis';
import { connectAnew } from './connect-anew.js';
import { checkEviction } from './eviction.js';
import { readinessOf } from './readiness.js';
import { closed, messageOf, redisFailure, RedisSilence, type RedisFailure } from './redis-failure.js';
import { checkedPrefix } from './redis-keys.js';
import type { RedisScript } from './redis-script.js';

/** A client of ioredis that the caller has made, and closes; or what to make one of, which is closed by `close`. */
export type RedisSource = Redis | Cluster | RedisClientOptions;

/** The options of an ioredis client, for one server or for sentinels. */
export type RedisClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** What everything on Redis can be told. */
export interface RedisConnectionOptions {
  /**
   * What all keys begin with. Who shares positions, leases or dead letters must have the same. No braces, no white space.
   *
   * @defaultValue `'rxforce'`
   */
  readonly prefix?: string;
  /**
   * Longest time until a call fails that Redis does not answer, in milliseconds, from 1. It includes the time for which
   * there is no connection.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number;
  /**
   * Goes on, with a warning, where `maxmemory-policy` lets Redis delete keys that have no time to live (`allkeys-…`). Without
   * it every call fails there: a position that was deleted is one that was never saved, and events are lost.
   *
   * @defaultValue `false`
   */
  readonly allowEviction?: boolean;
  /**
   * Is told once what is dangerous about how Redis is set up.
   *
   * @defaultValue warnings to `console`
   */
  readonly logger?: Logger;
}

/** How a call is to be made. */
export interface CallOptions<T> {
  /**
   * What an answer that came too late stands in the way of: the next call of the same lane waits for it and is not sent
   * before. So the earlier cannot overtake the later, and while Redis is silent no more calls pile up than were under way.
   * Calls are not kept apart otherwise.
   */
  readonly lane: string;
  /** Told of an answer that came after the call was given up. */
  readonly late?: (answer: T) => void;
}

/** Calls to Redis that are answered in time, and never reject. */
export class RedisConnection {
  readonly prefix: string;
  /** Not for `inspect`, as a private member of TypeScript is: its options have the password. */
  // eslint-disable-next-line no-restricted-syntax -- It has a password.
  readonly #redis: Redis | Cluster;
  // eslint-disable-next-line no-restricted-syntax -- It has a password.
  readonly #owned: Redis | undefined;
  private readonly timeoutMs: number;
  private readonly logger: Logger;
  private readonly allowEviction: boolean;
  /** Answers that are late, by lane. They do not reject. */
  private readonly overdue = new Map<string, Promise<unknown>>();
  private isClosed = false;
  private checked: Promise<void> | undefined;

  /** @throws `ConfigurationError` when an option is not valid. */
  constructor(
    source: RedisSource,
    { prefix, timeoutMs = 5_000, allowEviction = false, logger }: RedisConnectionOptions,
  ) {
    this.prefix = checkedPrefix(prefix);
    this.timeoutMs = wholeNumber('timeoutMs', timeoutMs, 1, LONGEST_TIMER_MS);
    this.allowEviction = allowEviction;
    this.logger = resolveLogger(logger);
    this.#owned = isClient(source) ? undefined : ownClient(source, timeoutMs);
    this.#redis = this.#owned ?? (source as Redis | Cluster);
  }

  /** Runs a script: one round trip, but for the first time that a server sees it. All keys must have one hash tag. */
  run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
    options: CallOptions<unknown>,
  ): Promise<Result<unknown, RedisFailure>> {
    return this.call(async (redis) => {
      try {
        return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
      } catch (error) {
        if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
        return redis.eval(script.lua, keys.length, ...keys, ...args);
      }
    }, options);
  }

  /** Makes any call, which may be made once the connection is ready. What it rejects with becomes an `Err`. */
  async call<T>(
    make: (redis: Redis | Cluster) => Promise<T>,
    { lane, late }: CallOptions<T>,
  ): Promise<Result<T, RedisFailure>> {
    const deadline = new Deadline(this.timeoutMs);
    try {
      const before = this.overdue.get(lane);
      if (before) await deadline.meets(before);
      if (this.isClosed) throw closed();
      if (this.#redis.status !== 'ready') await this.connected(deadline);
      await deadline.meets((this.checked ??= this.check()));
      const answer = make(this.#redis);
      return Ok(await deadline.meets(answer, () => this.waitFor(lane, answer, late)));
    } catch (error) {
      const failure = redisFailure(error);
      if (failure.isReplica) connectAnew(this.#redis, this.timeoutMs);
      return Err(failure);
    } finally {
      deadline.clear();
    }
  }

  /** Writes what somebody should read. */
  warn(message: string): void {
    this.logger.warn(message);
  }

  /** Closes a connection that was made here; a client of the caller's is left as it is. Never rejects. */
  async close(): Promise<void> {
    if (!this.#owned || this.isClosed) return;
    this.isClosed = true;
    const deadline = new Deadline(this.timeoutMs);
    await deadline.meets(this.#owned.quit()).catch(() => undefined);
    deadline.clear();
    this.#owned.disconnect();
  }

  private waitFor<T>(lane: string, answer: Promise<T>, late?: (answer: T) => void): void {
    const settled: Promise<unknown> = Promise.allSettled([this.overdue.get(lane), answer.then(late)]).then(() => {
      if (this.overdue.get(lane) === settled) this.overdue.delete(lane);
    });
    this.overdue.set(lane, settled);
  }

  private async connected(deadline: Deadline): Promise<void> {
    const readiness = readinessOf(this.#redis);
    try {
      await deadline.meets(readiness.ready);
    } catch (error) {
      if (!(error instanceof RedisSilence)) throw error;
      const why = readiness.lastError ? messageOf(readiness.lastError) : NOTHING_CAME;
      throw new RedisSilence(`There was no connection within ${this.timeoutMs} ms: ${why}`);
    }
  }

  private async check(): Promise<void> {
    try {
      await checkEviction(this.#redis, this.allowEviction, this.logger);
    } catch (error) {
      // The next call checks again.
      this.checked = undefined;
      throw error;
    }
  }
}

/** The time until which a call is waited for. */
class Deadline {
  private pass: (error: RedisSilence) => void = () => undefined;
  private readonly passed = new Promise<never>((_, reject) => (this.pass = reject));
  private readonly timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    // Nobody may be waiting when it passes.
    this.passed.catch(() => undefined);
    this.timer = setTimeout(() => this.pass(new RedisSilence(`No answer came within ${timeoutMs} ms`)), timeoutMs);
  }

  /** @param missed - Called when the time passes before the work is done. */
  async meets<T>(work: Promise<T>, missed?: () => void): Promise<T> {
    try {
      return await Promise.race([work, this.passed]);
    } catch (error) {
      if (error instanceof RedisSilence) missed?.();
      throw error;
    }
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}

function isClient(source: RedisSource): source is Redis | Cluster {
  // JavaScript callers have no compiler to tell them.
  const given: unknown = source;
  // Not by its class: there may be two copies of ioredis.
  if (typeof given === 'object' && given !== null) return 'sendCommand' in given;
  // Not what was given: a URL has a password in it.
  const kind = given === null ? 'null' : typeof given === 'string' ? 'a text' : `of type ${typeof given}`;
  throw new ConfigurationError(
    `The Redis connection is ${kind}, but must be a client of ioredis, such as new Redis('redis://…') or a Cluster, or the ` +
      "options of one, such as { host: 'redis.example.com' }.",
  );
}

/** Why there may be no connection, where nothing says so. */
const NOTHING_CAME =
  'the server does not answer, or closes every connection. Check host and port, and whether Redis wants TLS (`tls: {}`)';

/** A connection that gives up on a server that is silent. */
function ownClient(options: RedisClientOptions, timeoutMs: number): Redis {
  const redis = new Redis({
    lazyConnect: true,
    socketTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    ...options,
  });
  // Each call that fails is told its own cause.
  redis.on('error', () => undefined);
  return redis;
}
