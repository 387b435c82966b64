/**
 * For tests of dead-letter queues: what every one of them does.
 *
 * @packageDocumentation
 */
export { deadLetterQueueContract } from './dead-letter-queue-contract.js';
export type { DeadLetterQueueContractCase, DeadLetterQueueContractOptions } from './dead-letter-queue-contract.js';
