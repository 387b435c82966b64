import type { ChangeType } from '@rxforce/core/model';
import { groupBy } from '../group-by.js';
import { bitmapsOf } from './bitmaps.js';
import { childNames, type EntityModel, fieldAt } from './entity-model.js';
import type { FieldChange } from './field-values.js';
import type { RecordChange, RecordUpdated } from './record-change.js';
import type { FieldValue, FieldValues } from './values.js';

/** A change event without what its transaction adds. */
export interface EventDraft {
  readonly entity: EntityModel;
  readonly changeType: ChangeType;
  readonly recordIds: readonly string[];
  readonly nulledFields: readonly string[];
  readonly diffFields: readonly string[];
  readonly changedFields: readonly string[];
  readonly body: FieldValues;
  /** What `changedFields` says, in the org's own words. */
  readonly changes: readonly FieldChange[];
}

/** Changes of one kind to records of one object, which may come as one event. */
interface MergeGroup {
  readonly index: number;
  readonly changes: RecordChange[];
}

/** How a transaction is told of. */
export interface EventsOptions {
  /** That something changed, and not what: as the service does where it cannot make whole events. */
  readonly asGaps: boolean;
  /** Changes behind this many are told of by one overflow event for each object. */
  readonly maxChanges: number;
}

/** The record that an overflow event names. */
const NO_RECORD = '000000000000000AAA';

/**
 * The change events of a transaction, in order. The same change to several records of one object is one event with
 * all their ids. That goes by field: of two records updated together, their common LastModifiedDate is one event, and
 * what differs between them follows in an event for each.
 */
export function eventsOf(changes: readonly RecordChange[], { asGaps, maxChanges }: EventsOptions): EventDraft[] {
  const groups = mergeGroups(changes.slice(0, maxChanges));
  return [
    ...groups.flatMap(({ changes: group }) => (asGaps ? gapDrafts(group) : draftsOf(group))),
    ...overflowDrafts(changes.slice(maxChanges)),
  ];
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

/** An event that says nothing of the fields. */
function headerDraft(entity: EntityModel, changeType: ChangeType, recordIds: readonly string[]): EventDraft {
  return { entity, changeType, recordIds, nulledFields: [], diffFields: [], changedFields: [], body: {}, changes: [] };
}

/** Nothing is moved before an earlier change of the same record. */
function mergeGroups(changes: readonly RecordChange[]): MergeGroup[] {
  const groups: MergeGroup[] = [];
  const open = new Map<string, MergeGroup>();
  const lastOf = new Map<string, number>();
  for (const change of changes) {
    const key = `${change.entity.definition.name} ${change.changeType}`;
    let group = open.get(key);
    if (group === undefined || group.index <= (lastOf.get(change.recordId) ?? -1)) {
      group = { index: groups.length, changes: [] };
      groups.push(group);
      open.set(key, group);
    }
    group.changes.push(change);
    lastOf.set(change.recordId, group.index);
  }
  return groups;
}

function draftsOf(group: readonly RecordChange[]): EventDraft[] {
  const updates = group.filter((change) => change.changeType === 'UPDATE');
  if (updates.length > 0) {
    return updateDrafts(updates);
  }
  const [first] = group;
  if (first !== undefined && group.length === 1) {
    return [wholeRecordDraft([first])];
  }
  return [...groupBy(group, bodyKey).values()].map(wholeRecordDraft);
}

function bodyKey(change: RecordChange): string {
  return 'values' in change ? JSON.stringify(change.values) : '';
}

/** CREATE and UNDELETE carry all values, DELETE none; which fields changed is said of updates only. */
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

/** A change of one field, and all the records it was made to. */
interface SharedChange {
  readonly entity: EntityModel;
  readonly change: FieldChange;
  readonly recordIds: readonly string[];
}

function sharedChanges(updates: readonly RecordUpdated[]): SharedChange[] {
  const single = updates.flatMap(({ entity, recordId, fields }) =>
    fields.map((change) => ({ entity, change, recordIds: [recordId] })),
  );
  if (updates.length === 1) {
    return single;
  }
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
