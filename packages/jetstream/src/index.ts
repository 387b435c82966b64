/**
 * An event log in partitions, positions, leases and membership on NATS JetStream.
 *
 * @packageDocumentation
 */
export { jetStreamLease } from './jet-stream-lease.js';
export { jetStreamLog } from './jet-stream-log.js';
export { jetStreamMembership } from './jet-stream-membership.js';
export { jetStreamReplayStore } from './jet-stream-replay-store.js';
export type { JetStreamOptions, NatsSource } from './jet-stream-connection.js';
export type { JetStreamLease, JetStreamLeaseOptions } from './jet-stream-lease.js';
export type { JetStreamLog, JetStreamLogOptions } from './jet-stream-log.js';
export type { JetStreamMembership, JetStreamMembershipOptions } from './jet-stream-membership.js';
export type { JetStreamReplayStore, JetStreamReplayStoreOptions } from './jet-stream-replay-store.js';
