import { lastValueFrom } from 'rxjs';
import { checkOptionNames } from '@rxforce/core/model';
import type { RetryPolicy } from './retries/retry-policy.js';
import { askQueue, resolveQueuePolicy, type QueueRetryPolicy } from './retries/ask-queue.js';
import type { DeadLetterQueue } from './dead-letter-queue.js';
import { deadLettersOf } from './dead-letter.js';

/** How `putAside` tries a failing queue again. */
export interface PutAsideOptions extends QueueRetryPolicy, Pick<RetryPolicy, 'random' | 'scheduler'> {}

/** The names of these options. */
export const PUT_ASIDE_NAMES: readonly string[] = Object.keys({
  maxRetries: true,
  delays: true,
  timeoutMs: true,
  random: true,
  scheduler: true,
} satisfies Record<keyof PutAsideOptions, true>);

/**
 * Makes a function that puts a value aside with its error: in one letter, or for a batch in one letter for each member.
 * Its promise resolves when the queue has the letters, and rejects with a `DeadLetterQueueError` when the queue does
 * not take them.
 *
 * For example, put aside events that cannot be decoded, while the stream continues:
 *
 * ```ts
 * client.changes('Lead', { onUndecodable: putAside(queue) });
 * ```
 *
 * If the caller does not wait for the promise, a crash can lose the value.
 *
 * @param queue - The queue for the letters.
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
