/**
 * Positions, one active reader and dead letters on Redis.
 *
 * @packageDocumentation
 */
export { redisDeadLetterQueue } from './redis-dead-letter-queue.js';
export { redisLease } from './redis-lease.js';
export { redisReplayStore } from './redis-replay-store.js';
export type { RedisClientOptions, RedisConnectionOptions, RedisSource } from './redis-connection.js';
export type { RedisDeadLetterQueue, RedisDeadLetterQueueOptions } from './redis-dead-letter-queue.js';
export type { RedisLease, RedisLeaseOptions } from './redis-lease.js';
export type { PositionHistoryOptions, RedisReplayStore, RedisReplayStoreOptions } from './redis-replay-store.js';
