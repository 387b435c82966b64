import type { ChangeEvent, ChangeType } from '@rxforce/core';
import { changeEvent } from '@rxforce/core/testing';
import type { SteppedTime } from '../../../core/test/support/stepped-time.js';
import type { Row } from '../../src/reading/page-source.js';

/** A record of the model. */
export interface Thing {
  readonly a: number;
  readonly b: number;
}

/** How far from ideal the org is. All times are in milliseconds. */
export interface OrgTraits {
  /** How long a transaction may stay open after its stamp. */
  readonly openMs: number;
  /** How far the clocks that write stamps and commits are apart. */
  readonly skewMs: number;
  /** How late events come after their commits. */
  readonly lagMs: number;
  /** How old the answers of queries may be. */
  readonly replicaMs: number;
}

/** A change of the script. */
export interface Change {
  readonly afterMs: number;
  readonly record: number;
  readonly kind: 'write' | 'delete';
  readonly field: 'a' | 'b';
  readonly value: number;
  /** From 0 to 1, for each trait. */
  readonly open: number;
  readonly skew: number;
}

interface Version {
  readonly committedAt: number;
  readonly row: (Thing & { readonly modifiedAt: number }) | undefined;
}

const wholeSeconds = (ms: number) => Math.floor(ms / 1_000) * 1_000;

/** An org in virtual time, with transactions that stay open, clocks that differ, and replicas that answer queries. */
export class ModelOrg {
  /** The events in the order of commits, and when each can be read from the stream. */
  readonly log: { readonly event: ChangeEvent<Thing>; readonly visibleAt: number }[] = [];
  private readonly versions = new Map<string, Version[]>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly time: SteppedTime,
    readonly traits: OrgTraits,
  ) {}

  /** Makes a record that was there from the start. */
  seed(record: number, row: Thing): void {
    this.versions.set(idOf(record), [{ committedAt: -Infinity, row: { ...row, modifiedAt: 0 } }]);
  }

  /** Begins a transaction with one change. */
  change(change: Change): void {
    const stamp = wholeSeconds(Math.max(0, this.time.now() + (change.skew * 2 - 1) * this.traits.skewMs));
    this.time.schedule(() => this.commit(change, stamp), change.open * this.traits.openMs);
  }

  /** Calls back when an event can be read. */
  onEvent(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** How many events can be read now. */
  get readable(): number {
    const index = this.log.findIndex(({ visibleAt }) => visibleAt > this.time.now());
    return index < 0 ? this.log.length : index;
  }

  /** The records after an id, as a replica has them. */
  query(after: string, most: number, lag: number): Row<Thing>[] {
    const at = this.time.now() - lag * this.traits.replicaMs;
    const found = [...this.versions].flatMap(([recordId, versions]) => {
      const row = versions.findLast(({ committedAt }) => committedAt <= at)?.row;
      if (row === undefined || recordId <= after) return [];
      const { modifiedAt, ...record } = row;
      return [{ recordId, modifiedAt, record }];
    });
    return found.sort((one, other) => (one.recordId < other.recordId ? -1 : 1)).slice(0, most);
  }

  /** The records at this moment. */
  state(): ReadonlyMap<string, Thing> {
    return new Map(this.query('', Infinity, 0).map(({ recordId, record }) => [recordId, record as Thing]));
  }

  private commit({ record, kind, field, value }: Change, stamp: number): void {
    const recordId = idOf(record);
    const versions = this.versions.get(recordId) ?? [];
    const before = versions.at(-1)?.row;
    if (kind === 'delete' && before === undefined) return;
    const made = before === undefined ? { a: value, b: value } : { a: before.a, b: before.b, [field]: value };
    const row = kind === 'delete' ? undefined : { ...made, modifiedAt: stamp };
    const committedAt = this.time.now();
    this.versions.set(recordId, [...versions, { committedAt, row }]);
    const changeType = kind === 'delete' ? 'DELETE' : before === undefined ? 'CREATE' : 'UPDATE';
    const visibleAt = Math.max(this.log.at(-1)?.visibleAt ?? 0, committedAt + value * 0.01 * this.traits.lagMs);
    this.log.push({ event: this.eventOf(recordId, changeType, field, row), visibleAt });
    this.time.schedule(() => this.listeners.forEach((listener) => listener()), visibleAt - committedAt);
  }

  private eventOf(recordId: string, changeType: ChangeType, field: 'a' | 'b', row: Thing | undefined) {
    const isUpdate = changeType === 'UPDATE';
    return changeEvent<Thing>({
      id: `event-${this.log.length}`,
      entityName: 'Thing',
      recordIds: [recordId],
      changeType,
      commitTimestamp: wholeSeconds(this.time.now()),
      commitNumber: BigInt(this.log.length + 1),
      changedFields: isUpdate ? [field] : [],
      nulledFields: [],
      data: row === undefined ? {} : isUpdate ? { [field]: row[field] } : { a: row.a, b: row.b },
    });
  }
}

function idOf(record: number): string {
  return `a0000000000000${String(record).padStart(4, '0')}`;
}
