import { join } from 'node:path';
import { fileReplayStore, type Lease, type ReplayStore } from '@rxforce/core';
import { ConfigurationError, type Logger } from '@rxforce/core/model';
import { fileDeadLetterQueue, type DeadLetterQueue } from '@rxforce/dead-letters';
import type { Configuration } from '../config/settings/settings.js';
import type { TopicPlan } from './topic-plan.js';

/** Where positions and dead letters are kept. */
export interface Storage {
  /** Where the positions are; `undefined` where none are kept. */
  readonly store: ReplayStore | undefined;
  readonly lease: Lease | undefined;
  /** The dead letters of a topic. Each topic has a queue of its own, as one event may come on two topics. */
  deadLetters(plan: Pick<TopicPlan, 'label'>): DeadLetterQueue;
  close(): Promise<void>;
}

/**
 * Opens what a configuration names: files, or Redis.
 *
 * @throws `ConfigurationError` when that cannot be right, or a package is missing.
 */
export async function openStorage(configuration: Configuration, logger: Logger): Promise<Storage> {
  const { redis, processing } = configuration;
  if (redis) return openRedis(redis, processing.replay_from_stored, logger);
  return {
    store: processing.replay_from_stored ? fileReplayStore(processing.replay_storage_path) : undefined,
    lease: undefined,
    deadLetters: oncePerLabel((label) => fileDeadLetterQueue(join(processing.dead_letter_queue_path, label))),
    close: () => Promise.resolve(),
  };
}

async function openRedis(
  { url, prefix, lease: isLeased }: NonNullable<Configuration['redis']>,
  isStored: boolean,
  logger: Logger,
): Promise<Storage> {
  const { redisDeadLetterQueue, redisLease, redisReplayStore } = await loadRedis();
  const source = connectionOf(url);
  const options = { logger, ...(prefix !== undefined && { prefix }) };
  const store = isStored ? redisReplayStore(source, options) : undefined;
  const lease = isLeased ? redisLease(source, options) : undefined;
  const queues: { close(): Promise<void> }[] = [];
  const deadLetters = oncePerLabel((name) => {
    const queue = redisDeadLetterQueue(source, { ...options, name });
    queues.push(queue);
    return queue;
  });
  const close = async () => {
    for (const each of [store, lease, ...queues]) await each?.close();
  };
  return { store, lease, deadLetters, close };
}

async function loadRedis(): Promise<typeof import('@rxforce/replay-redis')> {
  try {
    return await import('@rxforce/replay-redis');
  } catch (cause) {
    throw new ConfigurationError('redis needs two packages more: npm install @rxforce/replay-redis ioredis', { cause });
  }
}

/** @throws `ConfigurationError` when it is no URL of Redis. */
function connectionOf(text: string) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'redis:' && url?.protocol !== 'rediss:') {
    throw new ConfigurationError(
      'redis.url must be such as redis://user:password@host:6379/0, or begin with rediss://.',
    );
  }
  return {
    host: url.hostname,
    port: Number(url.port === '' ? 6379 : url.port),
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
    db: Number(url.pathname.slice(1)) || 0,
    ...(url.protocol === 'rediss:' && { tls: {} }),
  };
}

function oncePerLabel<Q>(open: (label: string) => Q): (plan: { readonly label: string }) => Q {
  const known = new Map<string, Q>();
  return ({ label }) => {
    const queue = known.get(label) ?? open(label);
    known.set(label, queue);
    return queue;
  };
}
