/**
 * The functions that other packages of rxforce need to put letters into a queue. **Unstable**: only for sibling
 * packages of the same version, without any promise of compatibility. Applications and other libraries must not import
 * from here.
 *
 * @packageDocumentation
 */
export { isChosen, someLetters } from './chosen-letters.js';
export { writeLetters } from './dead-letter-codec.js';
export { checkLimit } from './kept-letters.js';
export { LetterClaims } from './letter-claims.js';
export { PUT_ASIDE_NAMES } from './put-aside.js';
export { askQueue, resolveQueuePolicy, resolveQueueRetry } from './retries/ask-queue.js';
export { attemptsThen } from './retries/attempts.js';
export { RETRY_NAMES, resolveRetryPolicy } from './retries/retry-policy.js';
export type { LetterChoice } from './chosen-letters.js';
export type { AttemptsOutcome, Failure } from './retries/attempts.js';
export type { ResolvedRetryPolicy } from './retries/retry-policy.js';
export type { WrittenLetter } from './dead-letter-codec.js';
export type { AskedMethod, QueueAnswer } from './queue-answers.js';
