import type { SqlValue } from '../engine/database.js';
import { isAfter, isComplete, isGone, UNKNOWN, type RecordState, type Restored, type Version } from './record-state.js';

/**
 * How far the clocks that stamp a record and that stamp its events may be apart, in milliseconds. A row of a snapshot
 * has every change that was committed so much earlier than the record's SystemModstamp. Of a later change nobody knows.
 */
export const SNAPSHOT_TOLERANCE_MS = 8_000;

/**
 * Works the values of columns out where they are needed: events that come again change nothing. Gives a map of its own,
 * by name.
 */
export type LazyValues = () => Map<string, SqlValue>;

/** A row as the database has it. */
export interface StoredRow {
  readonly state: RecordState;
  readonly complete: boolean;
}

/**
 * Folds the changes of one record into its row, in memory. Changes may come in any order, and repeatedly: a column has
 * the value of the newest change of its field, and the record is there if the newest change of it says so.
 */
export class RowFold {
  /** The columns that are set. */
  values = new Map<string, SqlValue>();
  /** Whether all other columns of the row are set to null: what they had is not known any more. */
  isCleared = false;
  /** Whether the row has to be written, if only to record that it was seen. */
  isTouched = false;
  private state: RecordState;
  private wasComplete: boolean;

  /** @param stored - The row so far; `undefined` where there is none. */
  constructor(stored: StoredRow | undefined) {
    this.state = stored?.state ?? UNKNOWN;
    this.wasComplete = stored?.complete ?? false;
  }

  /** The state after the changes. */
  get current(): RecordState {
    return this.state;
  }

  /** Whether the row has, or for a deleted record had, the whole record. */
  get complete(): boolean {
    return isGone(this.state) ? this.wasComplete : isComplete(this.state);
  }

  /** Whether the value of a column is known. */
  knows(column: string): boolean {
    return isComplete(this.state) || this.state.fields.has(column);
  }

  /** Whether the row was read, and may have a change already, although nobody knows. */
  mayHave({ ms }: Version): boolean {
    const { snapshot = -Infinity, read = -Infinity, whole, restored } = this.state;
    const gap = restored === 'read' && whole !== undefined ? whole.ms : -Infinity;
    return ms <= Math.max(snapshot, read, gap) + SNAPSHOT_TOLERANCE_MS;
  }

  /** Whether a change of a field would be written. */
  takes(version: Version, column: string): boolean {
    return this.isNew(version) && isAfter(version, this.state.fields.get(column));
  }

  /**
   * The whole record.
   *
   * @param restored - What it was, if it was no CREATE.
   */
  whole(version: Version, values: LazyValues, restored: Restored | undefined): void {
    const { whole, deleted, fields } = this.state;
    if (!this.isNewOfRead(version) || !isAfter(version, whole) || !isAfter(version, deleted)) return;
    this.setWhole(values(), (column) => isAfter(version, fields.get(column)));
    this.become({
      whole: version,
      restored,
      ...this.readsNear(version),
      swept: false,
      fields: entriesWhere(fields, (each) => isAfter(each, version)),
    });
  }

  /**
   * A record that was read because of a gap. It has the gap's change, and all that were committed before it was
   * modified last: `resolveGaps` drops these. It may come again, as it is then.
   *
   * @param modified - When it was modified last, in epoch milliseconds; `undefined` where it does not say.
   */
  reread(gap: Version, modified: number | undefined, values: LazyValues): void {
    const { whole, deleted, fields } = this.state;
    const has = modified === undefined ? -Infinity : Math.floor(modified / 1_000) * 1_000 - 1;
    const isOver = (each: Version | undefined) => each === undefined || each.ms <= has || !isAfter(each, gap);
    const isNew = this.isNewOfRead(gap) || this.isNewOfRead({ ms: has });
    if (!isNew || !isOver(whole) || !isOver(deleted)) return;
    this.setWhole(values(), (column) => isOver(fields.get(column)));
    this.become({
      whole: gap,
      restored: 'read',
      ...this.readsNear(gap),
      read: has === -Infinity ? undefined : has,
      swept: false,
      fields: entriesWhere(fields, (each) => !isOver(each)),
    });
  }

  /**
   * A row that was read. It is written over events that may be newer than it, but not over fields that they set.
   *
   * @param asOf - It has every change that was committed before this time, in epoch milliseconds. After a position was
   * lost, the changes in between do not come.
   */
  snapshot(modStamp: number, asOf: number | undefined, values: LazyValues): void {
    // Whatever becomes of it, the record was seen.
    this.isTouched = true;
    const { whole, restored, deleted, snapshot = -Infinity, read = -Infinity, fields } = this.state;
    const surely = Math.max(modStamp - SNAPSHOT_TOLERANCE_MS, (asOf ?? -Infinity) - 1);
    if (modStamp < snapshot || surely < read || (deleted !== undefined && surely <= deleted.ms)) return;
    // A row that was read is never older than the CREATE of its record, but perhaps older than another event.
    if (whole !== undefined && (restored ? surely <= whole.ms : modStamp + SNAPSHOT_TOLERANCE_MS < whole.ms)) return;
    this.setWhole(values(), (column) => (fields.get(column)?.ms ?? -Infinity) <= surely);
    this.become({
      ...(whole !== undefined && whole.ms > surely && { whole, restored }),
      snapshot: modStamp,
      swept: false,
      fields: entriesWhere(fields, ({ ms }) => ms > surely),
    });
  }

  /** An UPDATE: some fields. */
  update(version: Version, values: LazyValues): void {
    const { deleted, whole, restored, snapshot, read } = this.state;
    const taken = [...values()].filter(([column]) => this.takes(version, column));
    if (taken.length === 0) return;
    const fields = new Map(this.state.fields);
    // What was deleted cannot be changed, so it was undeleted meanwhile, and its other fields are not known.
    if (isGone(this.state) && deleted !== undefined) this.clear(fields);
    for (const [column, value] of taken) {
      this.values.set(column, value);
      fields.set(column, version);
    }
    this.become({ whole, restored, snapshot, read, deleted, swept: false, fields });
  }

  /** A DELETE. */
  remove(version: Version): void {
    const { deleted, whole, fields } = this.state;
    if (!this.isNewOfRead(version) || !isAfter(version, whole) || !isAfter(version, deleted)) return;
    const later = entriesWhere(fields, (each) => isOfLaterTransaction(each, version));
    const wasComplete = this.complete;
    // A later change shows that the record is there again; the rest of it was of before.
    if (later.size > 0) this.clear(later);
    this.become({ deleted: version, swept: false, fields: later });
    this.wasComplete = wasComplete;
  }

  /** A snapshot did not have the record. */
  sweep(): void {
    const wasComplete = this.complete;
    this.become({ ...this.state, swept: true });
    this.wasComplete = wasComplete;
  }

  /** Whether nothing is known that says more than this change. */
  private isNew(version: Version): boolean {
    const { whole, deleted } = this.state;
    const isOfDeleted = deleted !== undefined && !isOfLaterTransaction(version, deleted);
    return this.isNewOfRead(version) && isAfter(version, whole) && !isOfDeleted;
  }

  /** Whether a row that was read may be without a change. */
  private isNewOfRead({ ms }: Pick<Version, 'ms'>): boolean {
    const { snapshot = -Infinity, read = -Infinity } = this.state;
    return ms > Math.max(snapshot - SNAPSHOT_TOLERANCE_MS, read);
  }

  /** The reads that are still to be compared with, after a change. */
  private readsNear({ ms }: Version): Pick<RecordState, 'snapshot' | 'read'> {
    const { snapshot, read } = this.state;
    return {
      snapshot: snapshot !== undefined && snapshot + SNAPSHOT_TOLERANCE_MS >= ms ? snapshot : undefined,
      read: read !== undefined && read >= ms ? read : undefined,
    };
  }

  private setWhole(values: Map<string, SqlValue>, isTaken: (column: string) => boolean): void {
    // Most records have no fields of their own age, and nothing else is set: the values need not be copied.
    if (this.values.size === 0 && this.state.fields.size === 0) this.values = values;
    else for (const [column, value] of values) if (isTaken(column)) this.values.set(column, value);
  }

  /** Sets all columns to null, but for those that are kept. */
  private clear(kept: ReadonlyMap<string, unknown>): void {
    for (const column of [...this.values.keys()]) if (!kept.has(column)) this.values.delete(column);
    this.isCleared = true;
  }

  private become(state: RecordState): void {
    this.state = state;
    this.isTouched = true;
  }
}

/** Nothing changes a record after its DELETE in the same transaction, whatever the numbers say. */
function isOfLaterTransaction(one: Version, other: Version): boolean {
  return one.ms !== other.ms ? one.ms > other.ms : one.number > other.number;
}

function entriesWhere(
  fields: ReadonlyMap<string, Version>,
  isKept: (version: Version) => boolean,
): ReadonlyMap<string, Version> {
  return fields.size === 0 ? fields : new Map([...fields].filter(([, version]) => isKept(version)));
}
