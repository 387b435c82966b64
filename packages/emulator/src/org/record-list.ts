import type { KeyRange } from '../model/key-range.js';
import type { StoredRecord } from './stored-record.js';

/**
 * The records of one object, in the order of their ids. Ids are issued in ascending order, so this is the order in
 * which the records were created.
 */
export class RecordList {
  private readonly records: StoredRecord[] = [];
  private live = 0;

  /** The record with this id of 18 characters. */
  get(id: string): StoredRecord | undefined {
    const found = this.records[this.placeOf(id)];
    return found?.id === id ? found : undefined;
  }

  /** Adds a record, or replaces the one with its id, which it returns. */
  set(record: StoredRecord): StoredRecord | undefined {
    const last = this.records.at(-1);
    const place = last === undefined || last.id < record.id ? this.records.length : this.placeOf(record.id);
    const found = this.records[place];
    const before = found?.id === record.id ? found : undefined;
    if (before === undefined) this.records.splice(place, 0, record);
    else this.records[place] = record;
    this.live += Number(!record.deleted) - Number(before !== undefined && !before.deleted);
    return before;
  }

  /** How many records there are, with those that are deleted or without. */
  count(deleted: boolean): number {
    return deleted ? this.records.length : this.live;
  }

  /** The records within a range, deleted ones too, in either direction. */
  *scan({ from, to }: KeyRange, descending: boolean): Iterable<StoredRecord> {
    const first = from === undefined ? 0 : this.placeOf(from.id, !from.inclusive);
    const end = to === undefined ? this.records.length : this.placeOf(to.id, to.inclusive);
    for (let index = first; index < end; index++) {
      const record = this.records[descending ? end - 1 - (index - first) : index];
      if (record !== undefined) yield record;
    }
  }

  /** The place of the first record whose id is not before this one; or, with `behind`, of the first one after it. */
  private placeOf(id: string, behind = false): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.records[middle]?.id ?? '';
      if (other < id || (behind && other === id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
