import type { ChangeType } from '@rxforce/core/model';
import { groupBy } from '../model/group-by.js';
import { bitmapsOf } from './bitmaps.js';
import { childNames, type EntityModel, fieldAt } from './entity-model.js';
import type { FieldChange } from './field-values.js';
import type { RecordChange, RecordUpdated } from './record-change.js';
import type { FieldValue, FieldValues } from './values.js';

/** A change event without the parts that its transaction adds. */
export interface EventDraft {
  readonly entity: EntityModel;
  readonly changeType: ChangeType;
  readonly recordIds: readonly string[];
  readonly nulledFields: readonly string[];
  readonly diffFields: readonly string[];
  readonly changedFields: readonly string[];
  readonly body: FieldValues;
  /** The content of `changedFields`, in the org's own form. */
  readonly changes: readonly FieldChange[];
}

/** How a transaction is reported. */
export interface EventsOptions {
  /**
   * Whether events only say that something changed, but not what. The service does so where it cannot make whole
   * events.
   */
  readonly asGaps: boolean;
  /**
   * Most changes that get events of their own; one overflow event for each object stands for the rest. The creation,
   * deletion or undeletion of a record counts as one change, an update as one for each changed field.
   */
  readonly maxChanges: number;
}

/** The record that an overflow event names. */
const NO_RECORD = '000000000000000AAA';

/**
 * The change events of a transaction, in order. The same change to several records of one object is one event with all
 * their ids. This is decided for each field. When two records are updated together, their common LastModifiedDate is
 * one event, and the fields that differ follow in one event for each record.
 *
 * @param changes - The changes, at most one for each record.
 */
export function eventsOf(changes: readonly RecordChange[], { asGaps, maxChanges }: EventsOptions): EventDraft[] {
  const within = countWithin(changes, maxChanges);
  const groups = groupBy(
    changes.slice(0, within),
    ({ entity, changeType }) => `${entity.definition.name} ${changeType}`,
  );
  return [
    ...[...groups.values()].flatMap((group) => (asGaps ? gapDrafts(group) : draftsOf(group))),
    ...overflowDrafts(changes.slice(within)),
  ];
}

/** How many of the records, from the first one, stay within the allowed number of changes. */
function countWithin(changes: readonly RecordChange[], maxChanges: number): number {
  let sum = 0;
  const first = changes.findIndex((change) => (sum += weightOf(change)) > maxChanges);
  return first === -1 ? changes.length : first;
}

/** The number of changes that a record counts for. Fields that only the org writes in every update do not count. */
function weightOf(change: RecordChange): number {
  if (change.changeType !== 'UPDATE') return 1;
  const fields = change.fields.filter(({ position }) => {
    const field = fieldAt(change.entity, position);
    return field.kind === 'compound' || !field.system;
  });
  return Math.max(1, fields.length);
}

function gapDrafts(group: readonly RecordChange[]): EventDraft[] {
  return group
    .slice(0, 1)
    .map(({ entity, changeType }) => headerDraft(entity, `GAP_${changeType}`, [...new Set(group.map(recordIdOf))]));
}

function overflowDrafts(changes: readonly RecordChange[]): EventDraft[] {
  const entities = new Set(changes.map(({ entity }) => entity));
  return [...entities].map((entity) => headerDraft(entity, 'GAP_OVERFLOW', [NO_RECORD]));
}

function recordIdOf({ recordId }: RecordChange): string {
  return recordId;
}

/** An event without any fields. */
function headerDraft(entity: EntityModel, changeType: ChangeType, recordIds: readonly string[]): EventDraft {
  return { entity, changeType, recordIds, nulledFields: [], diffFields: [], changedFields: [], body: {}, changes: [] };
}

function draftsOf(group: readonly RecordChange[]): EventDraft[] {
  const updates = group.filter((change) => change.changeType === 'UPDATE');
  if (updates.length > 0) return updateDrafts(updates);
  const [first] = group;
  if (first !== undefined && group.length === 1) return [wholeRecordDraft([first])];
  return [...groupBy(group, bodyKey).values()].map(wholeRecordDraft);
}

function bodyKey(change: RecordChange): string {
  return 'values' in change ? JSON.stringify(change.values) : '';
}

/** CREATE and UNDELETE carry all values, DELETE none; only updates name the changed fields. */
function wholeRecordDraft(changes: readonly [RecordChange, ...RecordChange[]]): EventDraft {
  const [first] = changes;
  return {
    ...headerDraft(first.entity, first.changeType, changes.map(recordIdOf)),
    body: 'values' in first ? first.values : {},
  };
}

function updateDrafts(updates: readonly RecordUpdated[]): EventDraft[] {
  const bySet = groupBy(sharedChanges(updates), ({ recordIds }) => recordIds.join());
  return [...bySet.values()]
    .sort(([a], [b]) => b.recordIds.length - a.recordIds.length)
    .map((shared) =>
      updateDraft(
        shared[0].entity,
        shared[0].recordIds,
        shared.map(({ change }) => change),
      ),
    );
}

/** A change of one field, with all records that have it. */
interface SharedChange {
  readonly entity: EntityModel;
  readonly change: FieldChange;
  readonly recordIds: readonly string[];
}

function sharedChanges(updates: readonly RecordUpdated[]): SharedChange[] {
  const single = updates.flatMap(({ entity, recordId, fields }) =>
    fields.map((change) => ({ entity, change, recordIds: [recordId] })),
  );
  if (updates.length === 1) return single;
  const byChange = groupBy(single, ({ change }) =>
    JSON.stringify([change.position, change.child, change.value, change.diff]),
  );
  return [...byChange.values()].map((same) => ({ ...same[0], recordIds: same.flatMap(({ recordIds }) => recordIds) }));
}

function updateDraft(entity: EntityModel, recordIds: readonly string[], changes: readonly FieldChange[]): EventDraft {
  return {
    ...headerDraft(entity, 'UPDATE', recordIds),
    nulledFields: bitmapsOf(changes.filter(({ value }) => value === null)),
    diffFields: bitmapsOf(changes.filter(({ diff }) => diff !== undefined)),
    changedFields: bitmapsOf(changes),
    body: updateBody(entity, changes),
    changes,
  };
}

function updateBody(entity: EntityModel, changes: readonly FieldChange[]): FieldValues {
  const body: Record<string, FieldValue> = {};
  for (const { position, child, value, diff } of changes) {
    const field = fieldAt(entity, position);
    if (child === undefined || field.kind === 'scalar') {
      body[field.name] = diff ?? value;
    } else {
      body[field.name] = { ...(body[field.name] as object | undefined), [childNames(field)[child] ?? '']: value };
    }
  }
  return body;
}
