import { asyncScheduler } from 'rxjs';
import { payloadOf } from '@rxforce/core/delivery';
import type { StreamEvent } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterError } from './dead-letter-queue.js';
import { itemsOf, type ItemOf } from '@rxforce/core/internal';

/** The known facts about the attempts at a value. */
export interface DeadLetterDetails {
  /**
   * How often it was tried.
   *
   * @defaultValue 1
   */
  readonly attempts?: number;
  /**
   * When it failed first, in epoch milliseconds.
   *
   * @defaultValue `lastFailedAt`
   */
  readonly firstFailedAt?: number;
  /**
   * When it failed last, in epoch milliseconds.
   *
   * @defaultValue now
   */
  readonly lastFailedAt?: number;
}

/**
 * Makes a letter from a value that could not be handled, for `DeadLetterQueue.put`.
 *
 * Make the letter while the event is held (inside `handle`, or `onUndecodable`): after that, its bytes are gone. The
 * letter's id comes from the event, so the letter has the same id when the event comes again after a crash. For a
 * change event about one record, the id includes the record's id, so the events that `expandMerged()` makes from one
 * event become several letters. Other values get a random id.
 *
 * The letter is plain data: it does not keep the event's delivery. Any thrown value becomes the error, with the
 * messages of its causes.
 *
 * @param value - An event, one that cannot be decoded, or any other value.
 * @param error - The error of the last attempt.
 */
export function deadLetterOf<T>(value: T, error: unknown, details: DeadLetterDetails = {}): DeadLetter<T> {
  const { attempts = 1, lastFailedAt = asyncScheduler.now(), firstFailedAt = lastFailedAt } = details;
  const tried = { error: errorDataOf(error), attempts, firstFailedAt, lastFailedAt };
  if (!isEvent(value)) return { ...NO_EVENT, id: globalThis.crypto.randomUUID(), value, ...tried };
  const { topic, schemaId } = value;
  return {
    id: idOf(value),
    value: withoutDelivery(value),
    payload: payloadOf(value) ?? ownPayloadOf(value),
    schemaId,
    topic,
    replayId: value.replayId.toString(),
    ...tried,
  };
}

/** One letter for a single value, or one for each member of a batch or transaction. */
export function deadLettersOf<T>(
  value: T,
  error: unknown,
  details?: DeadLetterDetails,
): readonly DeadLetter<ItemOf<T>>[] {
  return itemsOf(value).map((item) => deadLetterOf(item, error, details));
}

/** A thrown value, as data. */
export function errorDataOf(error: unknown): DeadLetterError {
  try {
    const { name, code, stack } = Object(error) as Record<keyof DeadLetterError, unknown>;
    return {
      name: textOr(name, typeof error),
      message: messageOf(error),
      code: typeof code === 'number' ? String(code) : textOr(code, undefined),
      stack: textOr(stack, undefined),
    };
  } catch {
    return { name: typeof error, message: 'What was thrown cannot be read.', code: undefined, stack: undefined };
  }
}

const NO_EVENT = { payload: undefined, schemaId: undefined, topic: undefined, replayId: undefined };

function isEvent(value: unknown): value is StreamEvent {
  const { id, topic, replayId } = Object(value) as Partial<StreamEvent>;
  return typeof id === 'string' && typeof topic === 'string' && replayId instanceof Object;
}

/** Topics and base64 have no colon, so no two events have the same id. */
function idOf(event: StreamEvent): string {
  const { header } = event as { header?: { recordIds?: readonly string[] } };
  const [recordId, ...others] = header?.recordIds ?? [];
  const record = recordId === undefined || others.length > 0 ? [] : [recordId];
  // Partitions of a log may each have a part of one event, and at the same position.
  const part = event.split === undefined ? [] : [`#${event.split.partition}`];
  return [event.topic, event.replayId.toString(), event.id, ...part, ...record].join(':');
}

/** The delivery is under a symbol. A letter with the delivery would keep a whole subscription in memory. */
function withoutDelivery<T extends object>(event: T): T {
  return Object.fromEntries(Object.entries(event)) as T;
}

/** An event that could not be decoded carries its own bytes. */
function ownPayloadOf(event: StreamEvent): Uint8Array | undefined {
  const { payload } = event as { payload?: unknown };
  return payload instanceof Uint8Array ? payload : undefined;
}

const MOST_CAUSES = 5;

function messageOf(error: unknown, causes = 0): string {
  const { cause } = Object(error) as { cause?: unknown };
  const own = ownMessageOf(error);
  if (cause === undefined || causes === MOST_CAUSES) return own;
  const why = messageOf(cause, causes + 1);
  // An error that wraps another one often repeats its message.
  return cause !== error && own.includes(why) ? own : `${own} (caused by: ${why})`;
}

function ownMessageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { message } = error as { message?: unknown };
  if (typeof message === 'string') return message;
  try {
    return textOr(JSON.stringify(error), 'undefined');
  } catch {
    return Object.prototype.toString.call(error);
  }
}

function textOr<T>(value: unknown, other: T): string | T {
  return typeof value === 'string' ? value : other;
}
