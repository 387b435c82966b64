/**
 * An event log in partitions, positions, leases and membership on NATS JetStream.
 *
 * @packageDocumentation
 */
export { jetStreamLog } from './jet-stream-log.js';
export type { JetStreamOptions } from './jet-stream-connection.js';
export type { JetStreamLogOptions } from './jet-stream-log.js';
