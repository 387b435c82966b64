import { asyncScheduler } from 'rxjs';
import { payloadOf } from '@rxforce/core/delivery';
import type { StreamEvent } from '@rxforce/core/model';
import type { DeadLetter, DeadLetterError } from './dead-letter-queue.js';
import { itemsOf, type ItemOf } from '@rxforce/core/internal';

/** What is known of the attempts at a value. */
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
 * Makes a letter of what could not be handled, for `DeadLetterQueue.put`.
 *
 * Make it while the event is held (inside `handle`, or `onUndecodable`): its bytes are there no longer. An event gives
 * the letter its id, so it has the same one when it comes again after a crash. A change event about one record has the
 * record's id in it, so what `expandMerged()` makes of one event are several letters. Other values get a random id.
 *
 * The letter is plain data: it does not keep the event's delivery. What was thrown becomes the error, with the messages
 * of its causes, whatever it is.
 *
 * @param value - An event, one that cannot be decoded, or any other value.
 * @param error - What it failed with.
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

/** A letter for each value: one, or all members of a batch or a transaction. */
export function deadLettersOf<T>(
  value: T,
  error: unknown,
  details?: DeadLetterDetails,
): readonly DeadLetter<ItemOf<T>>[] {
  return itemsOf(value).map((item) => deadLetterOf(item, error, details));
}

/** What was thrown, as data. */
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

/** No topic and no base64 has a colon in it, so no two events have the same. */
function idOf(event: StreamEvent): string {
  const { header } = event as { header?: { recordIds?: readonly string[] } };
  const [recordId, ...others] = header?.recordIds ?? [];
  const record = recordId === undefined || others.length > 0 ? [] : [recordId];
  return [event.topic, event.replayId.toString(), event.id, ...record].join(':');
}

/** The delivery is under a symbol. A letter that had it would keep a whole subscription in memory. */
function withoutDelivery<T extends object>(event: T): T {
  return Object.fromEntries(Object.entries(event)) as T;
}

/** An event that could not be decoded has its bytes itself. */
function ownPayloadOf(event: StreamEvent): Uint8Array | undefined {
  const { payload } = event as { payload?: unknown };
  return payload instanceof Uint8Array ? payload : undefined;
}

const MOST_CAUSES = 5;

function messageOf(error: unknown, causes = 0): string {
  const { cause } = Object(error) as { cause?: unknown };
  const own = ownMessageOf(error);
  return cause === undefined || causes === MOST_CAUSES ? own : `${own} (caused by: ${messageOf(cause, causes + 1)})`;
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
