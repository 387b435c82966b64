import { RecordOverlay } from './record-overlay.js';
import type { RecordReader, RecordStore, StoredRecord } from './record-store.js';

/** The records of a store with uncommitted changes, which nobody else sees until the commit. */
export class StagedRecordStore extends RecordOverlay implements RecordStore {
  private readonly staged: Map<string, StoredRecord>;

  constructor(base: RecordReader) {
    const staged = new Map<string, StoredRecord>();
    super(base, () => staged);
    this.staged = staged;
  }

  /** The changed records, as they are after the changes. */
  get changed(): ReadonlyMap<string, StoredRecord> {
    return this.staged;
  }

  set(record: StoredRecord): void {
    this.staged.set(record.id, record);
  }
}
