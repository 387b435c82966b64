import type { Membership } from '@rxforce/core';
import { CALLS_A_LIFE, inGroup, LONGEST_TIMER_MS, resolveLogger, wholeNumber } from '@rxforce/core/internal';
import { logFailure } from './log-errors.js';
import { membersKey } from './log-keys.js';
import { JOIN, LEAVE } from './log-scripts.js';
import { RedisConnection, type RedisConnectionOptions, type RedisSource } from './redis-connection.js';

/** How the members of a group are known. */
export interface RedisMembershipOptions extends RedisConnectionOptions {
  /**
   * How long a member counts that does not tell any more that it is there, in milliseconds, from 300. Partitions of one
   * that has died go to others after this time. Each member tells three times within it, and learns of others then.
   *
   * @defaultValue 10_000
   */
  readonly ttlMs?: number;
}

/** Who is there, on Redis. */
export interface RedisMembership extends Membership {
  /** Closes the connection, if it was made from options. Never rejects. */
  close(): Promise<void>;
}

/**
 * Knows the members of each group by a sorted set on Redis: their names, and until when each counts by the clock of
 * Redis.
 *
 * While Redis is away, each member goes on with those that it knows. It warns of that, and tries again.
 *
 * @param redis - A client of ioredis, which the caller closes; or the options of one.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function redisMembership(redis: RedisSource, options: RedisMembershipOptions = {}): RedisMembership {
  const ttlMs = wholeNumber('ttlMs', options.ttlMs ?? 10_000, 300, LONGEST_TIMER_MS);
  const timeoutMs = options.timeoutMs ?? Math.min(5_000, Math.ceil(ttlMs / CALLS_A_LIFE));
  const connection = new RedisConnection(redis, { ...options, timeoutMs });
  const rules = { engine: 'Redis', ttlMs, logger: resolveLogger(options.logger), logFailure };
  return {
    join: (group, member) => {
      const key = membersKey(connection.prefix, group);
      const lane = `${key} ${member}`;
      return inGroup(rules, {
        tell: async () => {
          const answer = await connection.run(JOIN, [key], [member, ttlMs], { lane });
          return answer.map((members) => members as readonly string[]);
        },
        leave: () => connection.run(LEAVE, [key], [member], { lane }),
      });
    },
    close: () => connection.close(),
  };
}
