import type { DeadLetterQueueError, Result } from '@rxforce/core/model';

/** One event that was put aside: what it was, and why. Plain data. */
export interface DeadLetter<T = unknown> {
  /**
   * The same for the same event, whenever it is put aside: made of its topic, its replay id, its own id and, where it
   * is about one record, that record's. Random for a value that is no event.
   */
  readonly id: string;
  /** The value that could not be handled. Bigints, bytes, dates and replay ids survive a queue. */
  readonly value: T;
  /** The event's Avro bytes, as the service sent them; `undefined` for a value that is no event of a client. */
  readonly payload: Uint8Array | undefined;
  /** The schema that reads `payload`. */
  readonly schemaId: string | undefined;
  /** The topic it came on. */
  readonly topic: string | undefined;
  /** Its position, in base64. */
  readonly replayId: string | undefined;
  /** What the last attempt failed with. */
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
  /** Such as an `RxforceError`'s code, or a system error's. */
  readonly code: string | undefined;
  readonly stack: string | undefined;
}

/** Which letters. */
export interface TakeOptions {
  /** Most letters; at least 1. */
  readonly limit: number;
  /**
   * Only letters that failed last before this time, in epoch milliseconds.
   *
   * @defaultValue `Infinity`
   */
  readonly failedBefore?: number;
}

/**
 * Keeps what could not be handled until somebody has looked at it. Give each pipeline a queue of its own: an event has
 * one letter in a queue.
 *
 * A call that the queue cannot do rejects with a `DeadLetterQueueError`; its `retriable` says whether the same call may
 * work later. A call that resolved is durable, as far as the queue is. Operators check what a queue resolves with, and
 * error with a `DeadLetterQueueError` that is not retriable where it is something else.
 */
export interface DeadLetterQueue {
  /** Keeps letters, all or none. One with the id of a letter that is kept takes its place, and may be taken again. */
  put(letters: readonly DeadLetter[]): Promise<void>;
  /**
   * All letters that are kept, those taken included, the one that failed last longest ago first. An `Err` stands for
   * what cannot be read, and the list goes on; the iteration rejects where the queue itself fails.
   */
  list(): AsyncIterable<Result<DeadLetter, DeadLetterQueueError>>;
  /**
   * Hands out letters to work on, in the order of `list`, each to one taker at a time. They stay in the queue until
   * they are removed, and may be taken again once they are released, or their taker is gone.
   */
  take(options: TakeOptions): Promise<readonly DeadLetter[]>;
  /** Lets letters that were taken be taken again, unchanged. Ids that are not there are passed over. */
  release(ids: readonly string[]): Promise<void>;
  /** Forgets letters: they were handled. Ids that are not there are passed over. */
  remove(ids: readonly string[]): Promise<void>;
  /** Forgets all letters, or those that failed last before a time in epoch milliseconds. Tells how many. */
  purge(failedBefore?: number): Promise<number>;
  /** How many letters are kept. */
  depth(): Promise<number>;
}
