import { lastValueFrom } from 'rxjs';
import { checkOptionNames } from '@rxforce/core/model';
import type { RetryPolicy } from './retries/retry-policy.js';
import { askQueue, resolveQueuePolicy, type QueueRetryPolicy } from './retries/ask-queue.js';
import type { DeadLetterQueue } from './dead-letter-queue.js';
import { deadLettersOf } from './dead-letter.js';

/** How `putAside` tries a queue again that fails. */
export interface PutAsideOptions extends QueueRetryPolicy, Pick<RetryPolicy, 'random' | 'scheduler'> {}

/** Their names. */
export const PUT_ASIDE_NAMES: readonly string[] = Object.keys({
  maxRetries: true,
  delays: true,
  timeoutMs: true,
  random: true,
  scheduler: true,
} satisfies Record<keyof PutAsideOptions, true>);

/**
 * Makes a function that puts a value aside with its error: in a letter of its own, or for a batch one for each member.
 * Its promise resolves once the queue has it, and rejects with a `DeadLetterQueueError` when the queue does not take
 * it.
 *
 * What cannot be decoded, for example, with the stream going on:
 *
 * ```ts
 * client.changes('Lead', { onUndecodable: putAside(queue) });
 * ```
 *
 * Where the promise is not waited for, a crash loses the value.
 *
 * @param queue - Where to.
 * @throws `ConfigurationError` when an option is out of its range.
 */
export function putAside(
  queue: Pick<DeadLetterQueue, 'put'>,
  options: PutAsideOptions = {},
): (value: unknown, error: unknown) => Promise<void> {
  checkOptionNames(options, PUT_ASIDE_NAMES, { of: 'putAside()' });
  const policy = resolveQueuePolicy('putAside()', options, options);
  return (value, error) => {
    const letters = deadLettersOf(value, error, { lastFailedAt: policy.scheduler.now() });
    return lastValueFrom(askQueue('put', () => queue.put(letters), policy));
  };
}
