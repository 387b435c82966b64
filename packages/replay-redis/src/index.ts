/**
 * Positions, one active reader, dead letters and event logs on Redis.
 *
 * @packageDocumentation
 */
export { redisDeadLetterQueue } from './redis-dead-letter-queue.js';
export { redisLease } from './redis-lease.js';
export { redisLog } from './redis-log.js';
export { redisMembership } from './redis-membership.js';
export { redisReplayStore } from './redis-replay-store.js';
export type { RedisClientOptions, RedisConnectionOptions, RedisSource } from './redis-connection.js';
export type { RedisDeadLetterQueue, RedisDeadLetterQueueOptions } from './redis-dead-letter-queue.js';
export type { RedisLease, RedisLeaseOptions } from './redis-lease.js';
export type { RedisLog, RedisLogOptions } from './redis-log.js';
export type { RedisMembership, RedisMembershipOptions } from './redis-membership.js';
export type { PositionHistoryOptions, RedisReplayStore, RedisReplayStoreOptions } from './redis-replay-store.js';
