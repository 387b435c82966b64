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

/** A client of ioredis that the caller made and closes, or the options for a new one, which `close` closes. */
export type RedisSource = Redis | Cluster | RedisClientOptions;

/** The options of an ioredis client, for one server or for sentinels. */
export type RedisClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** The common options of everything on Redis. */
export interface RedisConnectionOptions {
  /**
   * The prefix of all keys. Processes that share positions, leases or dead letters must use the same one. No braces, no
   * white space.
   *
   * @defaultValue `'rxforce'`
   */
  readonly prefix?: string;
  /**
   * Longest wait for an answer of Redis, in milliseconds, from 1; then the call fails. It includes time without a
   * connection.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number;
  /**
   * Continues, with a warning, where `maxmemory-policy` lets Redis delete keys without a time to live (`allkeys-…`).
   * Without this option, every call fails there: a deleted position looks like one that was never saved, and events are
   * lost.
   *
   * @defaultValue `false`
   */
  readonly allowEviction?: boolean;
  /**
   * Gets a warning, once, about a dangerous configuration of Redis.
   *
   * @defaultValue warnings to `console`
   */
  readonly logger?: Logger;
}

/** How to make a call. */
export interface CallOptions<T> {
  /**
   * The lane of the call. The next call of the same lane is not sent until a late answer has come. So an earlier call
   * cannot take effect after a later one, and while Redis is silent, no more calls pile up than were under way.
   * Otherwise calls do not wait for each other.
   */
  readonly lane: string;
  /** Called with an answer that came after the call was given up. */
  readonly late?: (answer: T) => void;
}

/** Makes calls to Redis that end in time and never reject. */
export class RedisConnection {
  readonly prefix: string;
  /** Hidden from `inspect`, unlike a private member of TypeScript: its options have the password. */
  // eslint-disable-next-line no-restricted-syntax -- It has a password.
  readonly #redis: Redis | Cluster;
  // eslint-disable-next-line no-restricted-syntax -- It has a password.
  readonly #owned: Redis | undefined;
  private readonly timeoutMs: number;
  private readonly logger: Logger;
  private readonly allowEviction: boolean;
  /** Late answers, by lane. They do not reject. */
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

  /**
   * Runs a script in one round trip, except the first time that a server sees it. All keys must have the same hash tag.
   */
  run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
    options: CallOptions<unknown>,
  ): Promise<Result<unknown, RedisFailure>> {
    return this.call(
      (redis) =>
        unlessUnknown(
          () => redis.evalsha(script.sha, keys.length, ...keys, ...args),
          () => redis.eval(script.lua, keys.length, ...keys, ...args),
        ),
      options,
    );
  }

  /** The same for a script whose answer has bytes: all its texts are bytes. */
  runForBytes(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
    options: CallOptions<unknown>,
  ): Promise<Result<unknown, RedisFailure>> {
    return this.call(
      (redis) =>
        unlessUnknown(
          () => redis.callBuffer('evalsha', script.sha, keys.length, ...keys, ...args),
          () => redis.callBuffer('eval', script.lua, keys.length, ...keys, ...args),
        ),
      options,
    );
  }

  /** Another connection of the same kind, for calls that block. The caller disconnects it. */
  duplicate(): Redis | Cluster {
    const copy = 'nodes' in this.#redis ? this.#redis.duplicate() : this.#redis.duplicate();
    // Each failing call reports its own cause.
    copy.on('error', () => undefined);
    return copy;
  }

  /** Makes any call when the connection is ready. A rejection becomes an `Err`. */
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

  /** Logs a warning. */
  warn(message: string): void {
    this.logger.warn(message);
  }

  /** Closes a connection that was made here; a client of the caller is left as it is. Never rejects. */
  async close(): Promise<void> {
    if (!this.#owned || this.isClosed) return;
    this.isClosed = true;
    // Without a connection nothing is under way, and quit() would wait for one.
    if (this.#owned.status === 'ready') {
      const deadline = new Deadline(this.timeoutMs);
      await deadline.meets(this.#owned.quit()).catch(() => undefined);
      deadline.clear();
    }
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

/**
 * The time limit of a call. Where this process stood still for longer, what has arrived meanwhile is read first: its
 * own delay is not the server's.
 */
class Deadline {
  private pass: (error: RedisSilence) => void = () => undefined;
  private readonly passed = new Promise<never>((_, reject) => (this.pass = reject));
  private readonly timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    // Nobody may be waiting when the time passes.
    this.passed.catch(() => undefined);
    const late = () => this.pass(new RedisSilence(`No answer came within ${timeoutMs} ms`));
    this.timer = setTimeout(() => void setImmediate(late), timeoutMs);
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
  // JavaScript callers have no compiler that checks this.
  const given: unknown = source;
  // The class is not checked, because there may be two copies of ioredis.
  if (typeof given === 'object' && given !== null) return 'sendCommand' in given;
  // The message omits the value: a URL may contain a password.
  const kind = given === null ? 'null' : typeof given === 'string' ? 'a text' : `of type ${typeof given}`;
  throw new ConfigurationError(
    `The Redis connection is ${kind}, but must be a client of ioredis, such as new Redis('redis://…') or a Cluster, or the ` +
      "options of one, such as { host: 'redis.example.com' }.",
  );
}

/** The possible reasons for a missing connection, where no error gives one. */
const NOTHING_CAME =
  'the server does not answer, or closes every connection. Check host and port, and whether Redis wants TLS (`tls: {}`)';

/** A connection that gives up on a silent server. */
function ownClient(options: RedisClientOptions, timeoutMs: number): Redis {
  const redis = new Redis({
    lazyConnect: true,
    socketTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    ...options,
  });
  // Each failing call reports its own cause.
  redis.on('error', () => undefined);
  return redis;
}

/** Names a script, and sends it whole to a server that does not know it. */
async function unlessUnknown(name: () => Promise<unknown>, send: () => Promise<unknown>): Promise<unknown> {
  try {
    return await name();
  } catch (error) {
    if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
    return send();
  }
}
