import type { ChangeEvent } from '@rxforce/core';
import { ChangeMismatchError, ownField, SinkError } from '@rxforce/core/model';
import { reasonOf } from '@rxforce/core/internal';
import { applyTextDiff } from '@rxforce/operators';
import type { Dialect, SqlValue } from '../engine/database.js';
import { columnValue } from './column-values.js';
import type { ColumnKind, MirrorColumn, MirrorField, MirrorFields } from './mirror-columns.js';
import type { Version } from './record-state.js';
import type { RowFold } from './row-fold.js';

/** What the values of an event become. */
export interface EventRules {
  readonly dialect: Dialect;
  /** The fields of the event's schema. */
  readonly fields: MirrorFields;
  /** The kind as which a column's values are written; `undefined` where the table does not have it. */
  readonly kindFor: (column: MirrorColumn) => ColumnKind | undefined;
  /** The text of a column before the event, as the database has it. */
  readonly storedText: (column: string) => unknown;
}

/**
 * Applies an event to the row of one of its records.
 *
 * @throws `ChangeMismatchError` when the event does not say what changed, or a text diff does not fit. `SinkError` when
 * a column cannot hold a value.
 */
export function applyEvent(row: RowFold, event: ChangeEvent, rules: EventRules): void {
  const { changeType, commitNumber, commitTimestamp } = event.header;
  const version = versionOf(event);
  const whole = () => wholeValues(event, rules, null);
  switch (changeType) {
    case 'SNAPSHOT':
      // The row of a gap that was read has the place of the gap. Any other has no place among the events.
      if (commitNumber === 0n) row.snapshot(commitTimestamp, event.asOf, () => wholeValues(event, rules, undefined));
      else row.reread(version, modifiedOf(event), whole);
      return;
    case 'CREATE':
    case 'UNDELETE':
      row.whole(version, whole, changeType === 'UNDELETE' ? 'undeleted' : undefined);
      return;
    case 'UPDATE':
      row.update(version, () => changedValues(row, event, version, rules));
      return;
    case 'DELETE':
      row.remove(version);
      return;
    case 'GAP_CREATE':
    case 'GAP_UPDATE':
    case 'GAP_DELETE':
    case 'GAP_UNDELETE':
    case 'GAP_OVERFLOW':
      throw mismatch(event, `a ${changeType} does not say what changed. Put resolveGaps() before sqlMirror()`);
    default:
      // Schemas get new types now and then.
      changeType satisfies never;
      throw mismatch(event, `this version of rxforce does not know the change type ${String(changeType)}`);
  }
}

/** The columns whose text before is needed, because the event has a diff of it. */
export function diffColumns({ header, data }: ChangeEvent, { fields, kindFor }: EventRules): string[] {
  if (header.changeType !== 'UPDATE') return [];
  return header.diffFields.flatMap((name) => {
    const own = fields.get(name)?.own;
    return own && kindFor(own) && typeof ownField(data, name) === 'string' ? [own.column] : [];
  });
}

/** The error of an event that cannot be applied. */
export function mismatch({ header, topic, replayId }: ChangeEvent, reason: string, cause?: unknown) {
  return new ChangeMismatchError(
    `The ${header.changeType} of ${header.entityName} ${header.recordIds.join(', ')} cannot be written: ${reason}.`,
    { topic, replayId: replayId.toString(), cause },
  );
}

/** When a record that was read was modified last, as `resolveGaps` reads it. */
function modifiedOf({ data }: ChangeEvent): number | undefined {
  const modified = ownField(data, 'LastModifiedDate');
  if (typeof modified === 'number') return modified;
  const time = typeof modified === 'string' ? Date.parse(modified) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function versionOf({ header: { commitTimestamp, commitNumber, sequenceNumber } }: ChangeEvent): Version {
  return { ms: commitTimestamp, number: commitNumber, sequence: sequenceNumber };
}

type Values = Map<string, SqlValue>;

/**
 * @param absent - The value of a field that the event does not have: `null`, as it is not known any more, or
 * `undefined`, which leaves it as it is. A row of a snapshot may have been read with a few fields only.
 */
function wholeValues(event: ChangeEvent, rules: EventRules, absent: null | undefined): Values {
  const values: Values = new Map();
  for (const [name, field] of rules.fields) {
    const read = ownField(event.data, name);
    const value = read === undefined ? absent : read;
    if (value !== undefined) setField(values, { event, rules, name, field }, value);
  }
  return values;
}

interface Target {
  readonly event: ChangeEvent;
  readonly rules: EventRules;
  readonly name: string;
  readonly field: MirrorField;
}

/** Sets all columns of a field: a compound that is a text or null has no parts. */
function setField(values: Values, target: Target, value: unknown): void {
  const isParts = isCompound(value);
  if (target.field.own !== undefined) set(values, target, target.field.own, isParts ? null : value);
  for (const [part, column] of target.field.parts) {
    set(values, target, column, isParts ? (ownField(value, part) ?? null) : null);
  }
}

function set(values: Values, { event, rules, name }: Target, column: MirrorColumn, value: unknown): void {
  const kind = rules.kindFor(column);
  if (kind === undefined) return;
  try {
    values.set(column.column, columnValue(rules.dialect, kind, value));
  } catch (error) {
    throw misfit(event, name, error);
  }
}

/**
 * As `applyChange` reads an UPDATE: what is not null was enriched or has changed, and a null counts where it is named.
 */
function changedValues(row: RowFold, event: ChangeEvent, version: Version, rules: EventRules): Values {
  const values: Values = new Map();
  const named = namedFields(event);
  for (const [name, field] of rules.fields) {
    const value = ownField(event.data, name);
    const target = { event, rules, name, field };
    const children = named.get(name);
    if (event.header.diffFields.includes(name) && typeof value === 'string') {
      setDiff(values, row, target, value, version);
      continue;
    }
    if (value !== null && value !== undefined) setGiven(values, target, value);
    if (children !== undefined) setNamed(values, target, value, children);
  }
  return values;
}

/** A value that is not null. A compound has only the parts that have changed. */
function setGiven(values: Values, target: Target, value: unknown): void {
  if (!isCompound(value)) {
    setField(values, target, value);
    return;
  }
  if (target.field.own !== undefined) set(values, target, target.field.own, null);
  for (const [part, column] of target.field.parts) {
    const inner = ownField(value, part) ?? null;
    if (inner !== null) set(values, target, column, inner);
  }
}

/** @param children - The parts that the event names; none where it names the whole field. */
function setNamed(values: Values, target: Target, value: unknown, children: readonly string[]): void {
  const { event, name, field } = target;
  const { changedFields, nulledFields } = event.header;
  if (children.length === 0 || (value === null && changedFields.includes(name))) {
    const known = value === undefined && nulledFields.includes(name) ? null : value;
    if (known !== undefined) setField(values, target, known);
    return;
  }
  for (const child of children) {
    const column = field.parts.get(child);
    const isNulled = nulledFields.includes(name) || nulledFields.includes(`${name}.${child}`);
    const inner = isCompound(value) ? ownField(value, child) : value && null;
    if (column !== undefined && (inner !== undefined || isNulled)) set(values, target, column, inner ?? null);
  }
}

function setDiff(values: Values, row: RowFold, target: Target, diff: string, version: Version): void {
  const { event, rules, name, field } = target;
  const { own } = field;
  if (own === undefined || rules.kindFor(own) === undefined) return;
  const { column } = own;
  // A change of before is not made again; a text that is not known stays unknown.
  if (!row.takes(version, column) || !row.knows(column)) return;
  const before = row.values.has(column) ? row.values.get(column) : rules.storedText(column);
  const text = applyTextDiff(typeof before === 'string' ? before : '', diff);
  if (text.ok) set(values, target, own, text.val);
  // A text that was read after the change has it already.
  else if (!row.mayHave(version)) throw mismatch(event, `${name}: ${text.val.message}`, text.val);
}

/** The fields that an event names, each with its parts that are named. */
function namedFields({ header }: ChangeEvent): Map<string, readonly string[]> {
  const fields = new Map<string, readonly string[]>();
  for (const path of [...header.changedFields, ...header.nulledFields, ...header.diffFields]) {
    const [field = '', child] = path.split('.');
    const children = fields.get(field) ?? [];
    fields.set(field, child === undefined ? children : [...children, child]);
  }
  return fields;
}

function misfit({ header, topic, replayId }: ChangeEvent, name: string, error: unknown): SinkError {
  return new SinkError(
    `The ${header.changeType} of ${header.entityName} ${header.recordIds.join(', ')} cannot be written: ${name} ` +
      `${reasonOf(error)}.`,
    { topic, replayId: replayId.toString(), retriable: false },
  );
}

function isCompound(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
