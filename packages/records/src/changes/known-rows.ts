import type { ChangeEvent } from '@rxforce/core';
import { headerWith } from '@rxforce/core/model';
import type { Row } from '../reading/page-source.js';

/** Rows modified less than this before the reading began are remembered, in milliseconds: events of them may follow. */
const BEFORE_START_MS = 600_000;
/** How long after the end of the reading events are compared, by their commits, in milliseconds. */
const AFTER_END_MS = 600_000;
/**
 * How much older than its row an event must be to be dropped, in milliseconds. The clocks that write both times may
 * differ, both are whole seconds, and the stamp of a change is written some time before its commit.
 */
export const TOLERANCE_MS = 8_000;

/**
 * Before which commit a change is certainly in what is read from a time on: commits are whole seconds, of another
 * clock.
 *
 * @param at - In epoch milliseconds, as all times here.
 */
export function surelyBefore(at: number): number {
  return Math.floor(at / 1_000) * 1_000 - TOLERANCE_MS;
}

/** How rows are remembered and compared. */
export interface KnownRowsRules {
  /** Most rows. The oldest are forgotten for new ones. */
  readonly most: number;
  /** Whether their values are remembered, too. */
  readonly values: boolean;
  /** How much older than its row an event must be to be dropped, in milliseconds. */
  readonly toleranceMs: number;
}

interface KnownRow {
  readonly modifiedAt: number;
  /** Its values, until an event has changed one of them. */
  record: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The rows that were read while they may have changed. Events that they already contain are dropped, so that no old
 * value follows a newer one. It is never needed for a right result: the events that follow would repair an old value.
 */
export class KnownRows {
  private readonly rows = new Map<string, KnownRow>();
  /** Until which commit events are compared. */
  private until = Infinity;

  constructor(private readonly rules: KnownRowsRules) {}

  /** A row was read. */
  note({ recordId, modifiedAt, record }: Row<unknown>, startedAt: number): void {
    this.rows.delete(recordId);
    if (modifiedAt < startedAt - BEFORE_START_MS) return;
    this.rows.set(recordId, { modifiedAt, record: this.rules.values ? record : undefined });
    if (this.rows.size <= this.rules.most) return;
    const [oldest] = this.rows.keys();
    if (oldest !== undefined) this.rows.delete(oldest);
  }

  /** The reading has ended. */
  end(at: number): void {
    this.until = at + AFTER_END_MS;
  }

  /** An event without the records that already contain it; `undefined` where all of them do. */
  without<T>(event: ChangeEvent<T>): ChangeEvent<T> | undefined {
    if (this.rows.size === 0) return event;
    const { header } = event;
    if (header.commitTimestamp > this.until) {
      this.rows.clear();
      return event;
    }
    const left = header.recordIds.filter((id) => !this.contains(id, event as ChangeEvent));
    if (left.length === header.recordIds.length) return event;
    if (left.length === 0) return undefined;
    return { ...event, header: headerWith(header, { recordIds: left }) };
  }

  private contains(recordId: string, event: ChangeEvent): boolean {
    const row = this.rows.get(recordId);
    if (row === undefined) return false;
    const { changeType, commitTimestamp } = event.header;
    if (changeType !== 'CREATE' && changeType !== 'UPDATE') {
      // What follows a deletion or a gap is of another record, or of values that nobody knows.
      this.rows.delete(recordId);
      return false;
    }
    if (commitTimestamp < row.modifiedAt - this.rules.toleranceMs) return true;
    if (changeType === 'UPDATE' && row.record && changesNothing(event, row.record)) return true;
    row.record = undefined;
    return false;
  }
}

/** Whether all fields that an UPDATE has changed have the values of a row. */
function changesNothing({ header, data }: ChangeEvent, record: Readonly<Record<string, unknown>>): boolean {
  const { changedFields, nulledFields, diffFields } = header;
  if (changedFields.length === 0 || diffFields.length > 0) return false;
  const nulled = new Set(nulledFields);
  return changedFields.every((path) => {
    const [name = '', child] = path.split('.');
    const isNulled = nulled.has(path) || nulled.has(name);
    // A field that is not decoded may have any value.
    if (!Object.hasOwn(record, name) || !(isNulled || Object.hasOwn(data, name))) return false;
    const now = valueAt(record, name, child);
    const then = isNulled ? null : valueAt(data, name, child);
    return now === then && (now === null || typeof now !== 'object');
  });
}

function valueAt(record: Readonly<Record<string, unknown>>, name: string, child: string | undefined): unknown {
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  if (child === undefined || value === null || typeof value !== 'object') return value ?? null;
  return (value as Record<string, unknown>)[child] ?? null;
}
