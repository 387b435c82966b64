import type { ChangeEvent } from '@rxforce/core';
import type { Dialect, Row, SqlValue, Work } from '../engine/database.js';
import { applyEvent, diffColumns, type EventRules } from './apply-event.js';
import type { MirrorFields } from './mirror-columns.js';
import type { MirrorRows, WrittenRow } from './mirror-rows.js';
import type { MirrorTable } from './mirror-table.js';
import { formatState, isGone, newestOf } from './record-state.js';
import { RowFold, type StoredRow } from './row-fold.js';

/** Where rows are written, and how. */
export interface RowTargets {
  readonly dialect: Dialect;
  readonly table: MirrorTable;
  readonly rows: MirrorRows;
  /** Where deleted records are remembered, when their rows are deleted. */
  readonly tombstones: MirrorRows | undefined;
  /** The time of the write, as an ISO text. */
  readonly seenAt: string;
}

/** An event with the fields of its schema. */
export interface ReadEvent {
  readonly event: ChangeEvent;
  readonly fields: MirrorFields;
}

/** A row in memory, and where it was found. */
interface OpenRow {
  readonly id: string;
  readonly fold: RowFold;
  readonly isStored: boolean;
  readonly isTombstone: boolean;
}

/** Writes the events of a batch: reads their rows, applies the events in memory, and writes each row once. */
export function* writeEvents(events: readonly ReadEvent[], targets: RowTargets): Work<void> {
  const ids = [...new Set(events.flatMap(({ event }) => event.header.recordIds))].sort();
  const rows = yield* openRows(ids, targets);
  const texts = yield* textsBefore(events, targets);
  for (const { event, fields } of events) {
    for (const id of event.header.recordIds) {
      const row = rows.get(id);
      if (row !== undefined) applyEvent(row.fold, event, rulesFor(fields, targets, texts.get(id)));
    }
  }
  yield* writeRows([...rows.values()], targets, true);
}

/** Marks or deletes rows, because a snapshot did not have their records. */
export function* sweepRows(ids: readonly string[], targets: RowTargets): Work<void> {
  const rows = yield* openRows(ids, targets);
  rows.forEach(({ fold }) => fold.sweep());
  yield* writeRows([...rows.values()], targets, false);
}

function* openRows(ids: readonly string[], { rows, tombstones }: RowTargets): Work<Map<string, OpenRow>> {
  // A row may be in either table, so that no lock of a row keeps two processes from putting it into both.
  if (tombstones) yield* rows.lockTable();
  const stored = yield* rows.load(ids);
  const missing = ids.filter((id) => !stored.has(id));
  const gone = tombstones && missing.length > 0 ? yield* tombstones.load(missing) : new Map<string, StoredRow>();
  return new Map(
    ids.map((id): [string, OpenRow] => {
      const fold = new RowFold(stored.get(id) ?? gone.get(id));
      return [id, { id, fold, isStored: stored.has(id), isTombstone: gone.has(id) }];
    }),
  );
}

function* textsBefore(events: readonly ReadEvent[], targets: RowTargets): Work<Map<string, Row>> {
  const ids = new Set<string>();
  const columns = new Set<string>();
  for (const { event, fields } of events) {
    const named = diffColumns(event, rulesFor(fields, targets, undefined));
    named.forEach((column) => columns.add(column));
    if (named.length > 0) event.header.recordIds.forEach((id) => ids.add(id));
  }
  return columns.size === 0 ? new Map<string, Row>() : yield* targets.rows.texts([...ids], [...columns]);
}

function rulesFor(fields: MirrorFields, { dialect, table }: RowTargets, before: Row | undefined): EventRules {
  return {
    dialect,
    fields,
    kindFor: (column) => table.kindFor(column),
    storedText: (column) => before?.[column],
  };
}

/** @param isSeen - Whether the records were seen now. */
function* writeRows(open: readonly OpenRow[], targets: RowTargets, isSeen: boolean): Work<void> {
  const { rows, tombstones } = targets;
  const touched = open.filter(({ fold }) => fold.isTouched);
  const isKept = ({ fold }: OpenRow) => tombstones === undefined || !isGone(fold.current);
  const kept = touched.filter(isKept);
  yield* rows.insert(kept.filter(({ isStored }) => !isStored).map((row) => written(row, targets, isSeen)));
  yield* rows.update(kept.filter(({ isStored }) => isStored).map((row) => written(row, targets, isSeen)));
  if (tombstones === undefined) return;
  const gone = touched.filter((row) => !isKept(row));
  yield* rows.delete(gone.filter(({ isStored }) => isStored).map(({ id }) => id));
  yield* tombstones.insert(gone.filter(({ isTombstone }) => !isTombstone).map((row) => tombstone(row, targets)));
  yield* tombstones.update(gone.filter(({ isTombstone }) => isTombstone).map((row) => tombstone(row, targets)));
  yield* tombstones.delete(kept.filter(({ isTombstone }) => isTombstone).map(({ id }) => id));
}

function written(row: OpenRow, targets: RowTargets, isSeen: boolean): WrittenRow {
  const { id, fold, isStored } = row;
  const values = setOwn(fold.isCleared && isStored ? clearedValues(fold, targets) : fold.values, row, targets);
  if (!isSeen) values.delete('rx_seen_at');
  return { id, values };
}

/** Null for each column that is not known any more. */
function clearedValues(fold: RowFold, { table }: RowTargets): Map<string, SqlValue> {
  const unknown = table.columns.filter((column) => !fold.current.fields.has(column));
  return new Map([...unknown.map((column): [string, SqlValue] => [column, null]), ...fold.values]);
}

function tombstone(row: OpenRow, targets: RowTargets): WrittenRow {
  return { id: row.id, values: setOwn(new Map(), row, targets) };
}

/** Sets the columns that are not of fields. */
function setOwn(values: Map<string, SqlValue>, { fold }: OpenRow, { seenAt }: RowTargets): Map<string, SqlValue> {
  const { current, complete } = fold;
  const newest = newestOf(current);
  return values
    .set('rx_commit_ms', newest?.ms ?? null)
    .set('rx_commit_number', newest?.number ?? null)
    .set('rx_sequence', newest?.sequence ?? null)
    .set('rx_deleted', isGone(current))
    .set('rx_complete', complete)
    .set('rx_seen_at', seenAt)
    .set('rx_state', formatState(current));
}
