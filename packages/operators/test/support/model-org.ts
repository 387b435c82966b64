import type { ChangeEvent, ChangeType } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';

/** A record of the model org. */
export interface ModelRecord {
  A: number | null;
  B: number | null;
  LastModifiedDate: number;
}

/** What a test does to the records of the org at a moment. What does not fit a record (it is gone, say) is left out. */
export interface ModelStep {
  /** When, in milliseconds. */
  readonly at: number;
  readonly ids: readonly string[];
  readonly change: 'update' | 'delete' | 'undelete';
  readonly field: 'A' | 'B';
  /** How the stream tells of it. */
  readonly told: 'as it is' | 'as a gap' | 'as an overflow';
}

/** The records' states from a moment on. */
interface Version {
  readonly at: number;
  readonly record: ModelRecord | undefined;
}

/** The records of one object, whose whole past can be read, and the stream of their changes. */
export class ModelOrg {
  /** The events, and when each was committed, in order. */
  readonly events: { readonly at: number; readonly event: ChangeEvent<ModelRecord> }[] = [];
  private readonly versions = new Map<string, Version[]>();

  constructor(
    readonly entityName: string,
    readonly ids: readonly string[],
  ) {
    for (const id of ids) {
      const record = { A: 0, B: 0, LastModifiedDate: 0 };
      this.versions.set(id, [{ at: 0, record }]);
      this.tell(0, 'CREATE', [id], { ...record });
    }
  }

  /** A record as it was at a time; `undefined` where it was deleted. */
  recordAt(id: string, time: number): ModelRecord | undefined {
    return this.versions.get(id)?.findLast(({ at }) => at <= time)?.record;
  }

  /** Does a step: every value written is another one. */
  do({ at, ids, change, field, told }: ModelStep): void {
    const existing = ids.filter((id) => (this.recordAt(id, at) === undefined) === (change === 'undelete'));
    if (existing.length === 0) return;
    const value = this.events.length;
    const LastModifiedDate = Math.floor(at / 1_000) * 1_000;
    for (const id of existing) {
      const versions = this.versions.get(id)!;
      const last = versions.findLast(({ record }) => record !== undefined)!;
      const changed = { ...last.record!, LastModifiedDate, ...(change === 'update' && { [field]: value }) };
      versions.push({ at, record: change === 'delete' ? undefined : changed });
    }
    this.tellOf(at, change, existing, told, { [field]: value, LastModifiedDate });
  }

  private tellOf(
    at: number,
    change: ModelStep['change'],
    ids: readonly string[],
    told: ModelStep['told'],
    values: Partial<ModelRecord>,
  ): void {
    const changeType = change.toUpperCase() as 'UPDATE' | 'DELETE' | 'UNDELETE';
    if (told === 'as an overflow') this.tell(at, 'GAP_OVERFLOW', ['000000000000000AAA'], {});
    else if (told === 'as a gap') this.tell(at, `GAP_${changeType}`, ids, {});
    else if (changeType === 'UNDELETE') {
      ids.forEach((id) => this.tell(at, changeType, [id], { ...this.recordAt(id, at) }));
    } else this.tell(at, changeType, ids, changeType === 'UPDATE' ? values : {});
  }

  private tell(at: number, changeType: ChangeType, recordIds: readonly string[], data: Partial<ModelRecord>): void {
    const commitTimestamp = Math.floor(at / 1_000) * 1_000;
    const { entityName } = this;
    this.events.push({ at, event: changeEvent({ entityName, changeType, recordIds, commitTimestamp, data }) });
  }
}
