/**
 * For tests of dead-letter queues: the behaviour that all of them share.
 *
 * @packageDocumentation
 */
export { deadLetterQueueContract } from './dead-letter-queue-contract.js';
export type { DeadLetterQueueContractCase, DeadLetterQueueContractOptions } from './dead-letter-queue-contract.js';
