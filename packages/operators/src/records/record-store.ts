import { errorIn } from '@rxforce/core/internal';
import { ConfigurationError, kindOf } from '@rxforce/core/model';

/** A record, as far as it is known. */
export interface KnownRecord<T = Record<string, unknown>> {
  readonly data: Partial<T>;
  /** Whether this is the whole record. It is not where only changes of the record were seen. */
  readonly complete: boolean;
}

/**
 * Keeps records for `toRecords`, so that a new process continues with the records that the old one knew. One
 * subscription never calls methods for the same record at the same time. Two subscriptions that change the same record
 * must not share a store.
 *
 * Methods reject where the store fails; `toRecords` then errors with what they reject with. When the promise of `save`
 * resolves, the record must be durable, even across a crash: from then on, the event that it came from may be settled.
 * `toRecords` checks the values that they resolve with: a `save` that resolves with `false`, `null`, an error or an
 * Observable has failed.
 */
export interface RecordStore<T = Record<string, unknown>> {
  /**
   * Reads a record; `undefined` only where there is none. A table that was filled by other means returns whole rows as
   * `complete`.
   */
  load(entityName: string, recordId: string): Promise<KnownRecord<T> | undefined>;
  /** Replaces a record, or removes it when `record` is `undefined`. */
  save(entityName: string, recordId: string, record: KnownRecord<T> | undefined): Promise<void>;
}

/**
 * The answer of `load`: a record, or `undefined` where there is none.
 *
 * @throws `ConfigurationError` when it is neither.
 */
export function loadedRecord<T>(answer: unknown): KnownRecord<T> | undefined {
  if (answer === undefined || answer === null) return undefined;
  const { data, complete } = Object(answer) as Record<keyof KnownRecord, unknown>;
  if (typeof data === 'object' && data !== null && typeof complete === 'boolean') return answer as KnownRecord<T>;
  throw wrongAnswer('load', '{ data, complete }, or undefined where there is no record', answer);
}

/** The error of a store with an answer that is not allowed. */
export function wrongAnswer(method: keyof RecordStore, expected: string, answer: unknown): ConfigurationError {
  return new ConfigurationError(
    `${method}() of the store of toRecords() resolved with ${kindOf(answer)}, but must resolve with ${expected}, and ` +
      'reject where it fails. Correct the store; the event was not settled.',
    { cause: errorIn(answer) },
  );
}
