import { ConfigurationError, type Logger } from '@rxforce/core/model';
import type { RedisSettings } from '../config/settings/engines.js';
import { Opened } from './close-all.js';
import type { Engine } from './engine.js';
import { connectionOf } from './redis-source.js';

/**
 * Positions, leases, dead letters and a log on Redis.
 *
 * @param waits - Whether a Redis that refuses connections is waited for.
 */
export async function redisEngine(settings: RedisSettings, logger: Logger, waits: boolean): Promise<Engine> {
  const redis = await loadRedis();
  const { url, prefix, lease, lease_ttl_ms: ttlMs, log } = settings;
  const source = { ...connectionOf(url), ...(!waits && { retryStrategy: () => null }) };
  const options = { logger, ...(prefix !== undefined && { prefix }) };
  const opened = new Opened();
  return {
    name: 'Redis',
    store: () => opened.add(redis.redisReplayStore(source, options)),
    lease: () => (lease ? opened.add(redis.redisLease(source, { ...options, ttlMs })) : undefined),
    log: () => {
      if (!log) return undefined;
      const { name, partitions, retention_hours: hours, max_entries: maxEntries } = log;
      const bounds = { partitions, maxEntries, retentionMs: hours * 3_600_000 };
      return opened.add(redis.redisLog(source, { ...options, name, ...bounds }));
    },
    membership: () => opened.add(redis.redisMembership(source, { ...options, ttlMs })),
    deadLetters: (name) => opened.add(redis.redisDeadLetterQueue(source, { ...options, name })),
    close: () => opened.close(),
  };
}

/** Loads what works with Redis, which nobody needs who uses files. */
async function loadRedis(): Promise<typeof import('@rxforce/replay-redis')> {
  try {
    return await import('@rxforce/replay-redis');
  } catch (cause) {
    throw new ConfigurationError('redis needs two packages more: npm install @rxforce/replay-redis ioredis', { cause });
  }
}
