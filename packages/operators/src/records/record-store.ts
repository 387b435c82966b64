import type { Result } from '@rxforce/core/model';

/** A record, as far as it is known. */
export interface KnownRecord<T = Record<string, unknown>> {
  readonly data: Partial<T>;
  /** Whether it is the whole record: it is not, where nothing but changes of it were seen. */
  readonly complete: boolean;
}

/**
 * Keeps records for `toRecords`, so that another process goes on with what one knew. Methods are never called for one record
 * at the same time, by one subscription. Two that change the same record must not share a store.
 *
 * Methods resolve with an `Err` where the store fails, and never reject. What was saved must be there when the promise of
 * `save` resolves, and after a crash too: the event that it came of may be settled from then on.
 */
export interface RecordStore<T = Record<string, unknown>> {
  /**
   * Reads a record: `undefined` only where there is none. A table that was filled by other means gives its rows as
   * `complete`, where they are whole.
   */
  load(entityName: string, recordId: string): Promise<Result<KnownRecord<T> | undefined, Error>>;
  /** Puts a record in the place of what was there, or removes it: for `undefined`. */
  save(entityName: string, recordId: string, record: KnownRecord<T> | undefined): Promise<Result<void, Error>>;
}
