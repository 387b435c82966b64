import { DeadLetterQueueError } from '@rxforce/core/model';
import type { RedisFailure } from './redis-failure.js';

/** A call to Redis failed. */
export function queueFailure(what: string, name: string, failure: RedisFailure): DeadLetterQueueError {
  const { reason, retriable, cause } = failure;
  return new DeadLetterQueueError(`${what} the dead-letter queue "${name}" on Redis failed: ${reason}`, {
    retriable,
    cause,
  });
}

/** There is no room for letters. */
export function queueFull(name: string, depth: number, newCount: number, maxLetters: number): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `The dead-letter queue "${name}" on Redis has ${depth} of the ${maxLetters} letters that it keeps at most, and no room ` +
      `for ${newCount} more. Nothing was put. Redrive or purge it, or raise maxLetters.`,
    { retriable: newCount <= maxLetters },
  );
}

/** The keys of a queue are inconsistent. */
export function queueDamaged(name: string, keys: readonly string[]): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `The dead-letter queue "${name}" on Redis is damaged: its keys ${keys.join(', ')} do not have the same letters. One of ` +
      'them was deleted or changed by hand, or by an "allkeys-…" maxmemory-policy. Restore all of them from a backup; or ' +
      `save what is left (XRANGE '${keys[0]}' - +), and call purge() without a time, which deletes them.`,
    { retriable: false },
  );
}

/** An entry holds something that is not a letter. */
export function letterDamaged(name: string, id: string, reason: string): DeadLetterQueueError {
  return new DeadLetterQueueError(
    `The dead letter ${id} of the queue "${name}" on Redis cannot be read: ${reason}. It was changed by hand, or written by ` +
      'a newer version of rxforce. Read the queue with that version, or remove() the letter.',
    { retriable: false },
  );
}
