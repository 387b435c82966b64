/**
 * Dead letters: events that could not be handled, kept for inspection and for another try.
 *
 * @packageDocumentation
 */
export { deadLetterOf } from './dead-letter.js';
export { formatDeadLetter, parseDeadLetter } from './dead-letter-codec.js';
export { fileDeadLetterQueue } from './file-dead-letter-queue.js';
export { memoryDeadLetterQueue } from './memory-dead-letter-queue.js';
export { putAside } from './put-aside.js';
export { redrive } from './redrive.js';
export type { DeadLetterDetails } from './dead-letter.js';
export type { DeadLetter, DeadLetterError, DeadLetterQueue, TakeOptions } from './dead-letter-queue.js';
export type { FileDeadLetterQueueOptions } from './file-dead-letter-queue.js';
export type { MemoryDeadLetterQueueOptions } from './memory-dead-letter-queue.js';
export type { PutAsideOptions } from './put-aside.js';
export type { RedriveOptions } from './redrive.js';
export type { QueueRetryPolicy } from './retries/ask-queue.js';
export type { OldValueOptions } from './retries/letter-values.js';
export type { ConstantDelays, ExponentialDelays, RetryDelays, RetryPolicy } from './retries/retry-policy.js';
