import type { RecordIds } from '../model/record-ids.js';
import type { EntityModel } from './entity-model.js';
import { fill } from './fill.js';
import { OpenTransactions } from './open-transactions.js';
import type { FillOptions, FillValues } from './org-api.js';
import { RecordHistory } from './record-history.js';
import { RecordOverlay } from './record-overlay.js';
import { findRecord, MemoryRecordStore, type RecordReader } from './record-store.js';
import type { Transaction } from './transaction.js';

/** The records of an org, as they are for transactions, for queries, and for reads of a while ago. */
export class OrgRecords {
  /** The open transactions, which a fault has held. */
  readonly open = new OpenTransactions();
  private readonly history: RecordHistory;
  private readonly store: MemoryRecordStore;
  private readonly past: RecordReader;
  private skewMs = 0;

  /** @param now - The time, in milliseconds since 1970. */
  constructor(private readonly now: () => number) {
    this.history = new RecordHistory(now);
    this.store = new MemoryRecordStore((id, before) => this.history.note(id, before));
    this.past = new RecordOverlay(this.store, this.history.versions);
  }

  /** The records that are committed. */
  get committed(): RecordReader {
    return this.store;
  }

  /** The committed records of a while ago, or of now where there is no lag. */
  get lagging(): RecordReader {
    return this.history.lagMs > 0 ? this.past : this.store;
  }

  /** The records as a new transaction finds them. */
  get changeable(): RecordReader {
    return this.open.view(this.store);
  }

  /** Makes the changes of a transaction visible. */
  apply({ changed }: Transaction): void {
    changed.forEach((record) => this.store.set(record));
  }

  /** The time for stamps, in milliseconds since 1970, in whole seconds. */
  stamp(): number {
    return wholeSecond(this.now() + this.skewMs);
  }

  /** Lets {@link stamp} be so many milliseconds ahead of the clock. */
  skew(skewMs: number): void {
    this.skewMs = skewMs;
  }

  /** Lets {@link lagging} be so many milliseconds behind; 0 is not at all. */
  lag(lagMs: number): void {
    this.history.lagMs = lagMs;
  }

  /**
   * Moves the `SystemModstamp` of records to now.
   *
   * @throws `ConfigurationError` when one is deleted or never existed; then none is moved.
   */
  touch(entity: EntityModel, ids: readonly string[]): void {
    const records = ids.map((id) => findRecord(this.store, entity, id, false));
    const modstamp = this.stamp();
    records.forEach((record) => this.store.set({ ...record, modstamp }));
  }

  /**
   * Adds records without a transaction.
   *
   * @param count - How many.
   * @param made - Where their ids come from, and the id of the user who made them.
   * @throws `ConfigurationError` when a value does not fit.
   */
  fill(
    model: EntityModel,
    count: number,
    values: FillValues,
    options: FillOptions,
    made: { readonly recordIds: RecordIds; readonly user: string },
  ): string[] {
    return fill({ ...made, store: this.store, model, now: this.stamp() }, count, values, options);
  }
}

/** A time rounded down to its second. */
export function wholeSecond(time: number): number {
  return Math.floor(time / 1000) * 1000;
}
