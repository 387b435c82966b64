/**
 * Event logs on Kafka. Experimental.
 *
 * @packageDocumentation
 */
export { kafkaLog } from './kafka-log.js';
export type { KafkaSource } from './kafka-connection.js';
export type { KafkaLogOptions } from './kafka-log-options.js';
