import { join } from 'node:path';
import { fileReplayStore, type Lease, type ReplayStore } from '@rxforce/core';
import type { Logger } from '@rxforce/core/model';
import { fileDeadLetterQueue, type DeadLetterQueue } from '@rxforce/dead-letters';
import { settingsLogger } from '../config/setting-words.js';
import type { Configuration } from '../config/settings/settings.js';
import { closeAll } from './close-all.js';
import { connectionOf, loadRedis } from './redis-source.js';
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
  { url, prefix, lease: isLeased, lease_ttl_ms: ttlMs }: NonNullable<Configuration['redis']>,
  isStored: boolean,
  logger: Logger,
): Promise<Storage> {
  const { redisDeadLetterQueue, redisLease, redisReplayStore } = await loadRedis();
  const source = connectionOf(url);
  const options = { logger: settingsLogger(logger), ...(prefix !== undefined && { prefix }) };
  const store = isStored ? redisReplayStore(source, options) : undefined;
  const lease = isLeased ? redisLease(source, { ...options, ttlMs }) : undefined;
  const queues: { close(): Promise<void> }[] = [];
  const deadLetters = oncePerLabel((name) => {
    const queue = redisDeadLetterQueue(source, { ...options, name });
    queues.push(queue);
    return queue;
  });
  return { store, lease, deadLetters, close: () => closeAll([store, lease, ...queues]) };
}

function oncePerLabel<Q>(open: (label: string) => Q): (plan: { readonly label: string }) => Q {
  const known = new Map<string, Q>();
  return ({ label }) => {
    const queue = known.get(label) ?? open(label);
    known.set(label, queue);
    return queue;
  };
}
