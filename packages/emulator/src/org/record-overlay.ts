import { isWithin, type KeyRange } from '../model/key-range.js';
import type { RecordReader, StoredRecord } from './record-store.js';

/** Versions of records in place of those of a store; `undefined` for records that are not there. */
export type Versions = ReadonlyMap<string, StoredRecord | undefined>;

/** The records of a store, some of them in other versions. */
export class RecordOverlay implements RecordReader {
  /** @param versions - Returns the versions that apply at the moment. */
  constructor(
    private readonly base: RecordReader,
    private readonly versions: () => Versions,
  ) {}

  get(id: string): StoredRecord | undefined {
    const versions = this.versions();
    return versions.has(id) ? versions.get(id) : this.base.get(id);
  }

  *scan(entity: string, range: KeyRange = {}, descending = false): Iterable<StoredRecord> {
    const versions = this.versions();
    const added = this.addedTo(entity, range, descending);
    let next = 0;
    for (const record of this.base.scan(entity, range, descending)) {
      for (let early = added[next]; early !== undefined && early.id < record.id !== descending; early = added[next]) {
        yield early;
        next++;
      }
      const version = versions.has(record.id) ? versions.get(record.id) : record;
      if (version !== undefined) yield version;
    }
    yield* added.slice(next);
  }

  count(entity: string, deleted: boolean): number {
    let sum = this.base.count(entity, deleted);
    for (const [id, version] of this.versions()) {
      sum += counts(version, entity, deleted) - counts(this.base.get(id), entity, deleted);
    }
    return sum;
  }

  /** The records that the store below does not have, in the order of the scan. */
  private addedTo(entity: string, range: KeyRange, descending: boolean): StoredRecord[] {
    const added = [...this.versions().values()].filter(
      (version): version is StoredRecord =>
        version?.entity.definition.name === entity &&
        isWithin(version.id, range) &&
        this.base.get(version.id) === undefined,
    );
    return added.sort((a, b) => (a.id < b.id !== descending ? -1 : 1));
  }
}

function counts(record: StoredRecord | undefined, entity: string, deleted: boolean): number {
  return Number(record?.entity.definition.name === entity && (deleted || !record.deleted));
}
