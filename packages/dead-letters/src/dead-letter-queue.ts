import type { DeadLetterQueueError, Result } from '@rxforce/core/model';

/** An event that was put aside, and the reason, as plain data. */
export interface DeadLetter<T = unknown> {
  /**
   * The same for the same event, whenever it is put aside. It is made from the event's topic, replay id and own id, and
   * from the record id where the event is about one record. Random for a value that is not an event.
   */
  readonly id: string;
  /** The value that could not be handled. Bigints, bytes, dates and replay ids survive a queue. */
  readonly value: T;
  /** The event's Avro bytes, as the service sent them; `undefined` for a value that is not an event of a client. */
  readonly payload: Uint8Array | undefined;
  /** The schema that reads `payload`. */
  readonly schemaId: string | undefined;
  /** The topic of the event. */
  readonly topic: string | undefined;
  /** The position of the event, in base64. */
  readonly replayId: string | undefined;
  /** The error of the last attempt. */
  readonly error: DeadLetterError;
  /** How often it was tried, redrives included. */
  readonly attempts: number;
  /** When it failed first, in epoch milliseconds. */
  readonly firstFailedAt: number;
  /** When it failed last, in epoch milliseconds. */
  readonly lastFailedAt: number;
}

/** An error, as data. */
export interface DeadLetterError {
  readonly name: string;
  readonly message: string;
  /** The code of the error, such as the code of an `RxforceError` or of a system error. */
  readonly code: string | undefined;
  readonly stack: string | undefined;
}

/** The letters to take. */
export interface TakeOptions {
  /** Most letters; at least 1. */
  readonly limit: number;
  /**
   * Only letters whose last failure was before this time, in epoch milliseconds.
   *
   * @defaultValue `Infinity`
   */
  readonly failedBefore?: number;
}

/**
 * Keeps events that could not be handled, until somebody has looked at them. Give each pipeline a queue of its own: an
 * event has one letter in a queue.
 *
 * A call that fails rejects with a `DeadLetterQueueError`; its `retriable` says whether the same call may work later.
 * The effect of a call that resolved is as durable as the queue. Operators check the values that a queue resolves with.
 * For a wrong value they error with a `DeadLetterQueueError` that is not retriable.
 */
export interface DeadLetterQueue {
  /** Keeps letters, all or none. A letter replaces a kept one with the same id, and may be taken again. */
  put(letters: readonly DeadLetter[]): Promise<void>;
  /**
   * All kept letters, including those that are taken, in the order of their last failure, oldest first. An `Err` stands
   * for a letter that cannot be read, and the list continues; the iteration rejects where the queue itself fails.
   */
  list(): AsyncIterable<Result<DeadLetter, DeadLetterQueueError>>;
  /**
   * Hands out letters to work on, in the order of `list`, each to one taker at a time. They stay in the queue until
   * they are removed. They may be taken again after they are released, or when their taker is gone.
   */
  take(options: TakeOptions): Promise<readonly DeadLetter[]>;
  /** Releases taken letters unchanged, so that they can be taken again. Unknown ids are ignored. */
  release(ids: readonly string[]): Promise<void>;
  /** Removes letters that were handled. Unknown ids are ignored. */
  remove(ids: readonly string[]): Promise<void>;
  /**
   * Removes all letters, or those whose last failure was before a time, in epoch milliseconds. Resolves with their
   * number.
   */
  purge(failedBefore?: number): Promise<number>;
  /** How many letters are kept. */
  depth(): Promise<number>;
}
