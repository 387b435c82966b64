import { headerWith, ownField, setField, type ChangeEventHeader, type ChangeType } from '@rxforce/core/model';

/** The part of an event that `mergeChanges` needs: of a change event, or of what `toRecords` makes of it. */
export interface MergeableEvent {
  readonly header: ChangeEventHeader;
  readonly data: object;
  /** The record before the change, where the event carries it. */
  readonly before?: object | undefined;
}

/**
 * One change with the effect of two successive changes of the same records, for work that needs only the newer state of
 * a record; `undefined` where no single change has that effect. The arguments are not changed.
 *
 * - CREATE, UNDELETE or SNAPSHOT, then UPDATE: the older one, with the values that the UPDATE changed.
 * - UPDATE, then UPDATE: an UPDATE of all fields that either one changed, with the newer values.
 * - DELETE, then CREATE, UNDELETE or SNAPSHOT: the newer one. The same holds for anything followed by a SNAPSHOT or a
 *   DELETE.
 *
 * A null in an UPDATE is a value only if the event names the field, or the child of a compound. A value that is not
 * null always counts. If the event does not name its field, the value came from enrichment.
 *
 * Two changes are not merged in these cases:
 *
 * - One of them is a gap or an overflow, which does not say what changed.
 * - They are of different records.
 * - Both change a field, and one of them has it as a text diff, which fits only the text before it.
 * - One cannot follow the other, such as an UPDATE after a DELETE.
 *
 * Everything else (id, replay id, transaction, time) comes from the newer change. The service has not sent a merged
 * event, so a merged event has no bytes.
 *
 * @param older - The first change.
 * @param newer - The next change of the same records.
 */
export function mergeChanges<E extends MergeableEvent>(older: E, newer: E): E | undefined {
  if (!TELLING.includes(older.header.changeType) || !areOfSameRecords(older.header, newer.header)) return undefined;
  const { changeType: olderType } = older.header;
  const { changeType: newerType } = newer.header;
  switch (newerType) {
    case 'DELETE':
    case 'SNAPSHOT':
      return since(older, newer);
    case 'CREATE':
    case 'UNDELETE':
      return olderType === 'DELETE' ? since(older, newer) : undefined;
    case 'UPDATE':
      return olderType === 'DELETE' || clashes(older, newer) ? undefined : updated(older, newer);
    case 'GAP_CREATE':
    case 'GAP_UPDATE':
    case 'GAP_DELETE':
    case 'GAP_UNDELETE':
    case 'GAP_OVERFLOW':
    default:
      // A type from a later schema may not say everything, either.
      return undefined;
  }
}

type Values = Readonly<Record<string, unknown>>;

/** The types that say what a record is, or how it changed. */
const TELLING: readonly ChangeType[] = ['CREATE', 'UPDATE', 'DELETE', 'UNDELETE', 'SNAPSHOT'];

function areOfSameRecords(one: ChangeEventHeader, other: ChangeEventHeader): boolean {
  const ids = new Set(one.recordIds);
  return (
    one.entityName === other.entityName &&
    ids.size === new Set(other.recordIds).size &&
    other.recordIds.every((id) => ids.has(id))
  );
}

/** Where events carry the record before the change, the merged event has the record before both. */
function since<E extends MergeableEvent>(older: E, newer: E): E {
  return carriesRecord(older) ? madeOf(newer, { before: older.before }) : newer;
}

/** An event that carries the record before the change also carries the one after it. */
function carriesRecord(event: MergeableEvent): boolean {
  return 'before' in event;
}

/** A copy without the event's symbol properties: the delivery of one event is not the delivery of the merged one. */
function madeOf<E extends MergeableEvent>(event: E, changes: Partial<MergeableEvent>): E {
  return { ...Object.fromEntries(Object.entries(event)), ...changes } as E;
}

function updated<E extends MergeableEvent>(older: E, newer: E): E {
  const data = carriesRecord(newer) ? (newer.data as Values) : dataAfter(older, newer);
  const names = older.header.changeType === 'UPDATE' ? namesOfBoth(older, newer, data) : older.header;
  const { changedFields, nulledFields, diffFields } = names;
  const header = headerWith(newer.header, {
    changeType: older.header.changeType,
    changedFields,
    nulledFields: nulledFields.filter((path) => isNullAt(data, path)),
    diffFields,
  });
  return madeOf(since(older, newer), { header, data });
}

/**
 * Whether both change a field that one of them has as a diff. An event that carries the whole record changes all
 * fields.
 */
function clashes(older: MergeableEvent, newer: MergeableEvent): boolean {
  const { changeType, diffFields } = older.header;
  const [before, after] = [namedFields(older), namedFields(newer)];
  return (
    newer.header.diffFields.some((path) => changeType !== 'UPDATE' || before.has(fieldOf(path))) ||
    diffFields.some((path) => after.has(fieldOf(path)))
  );
}

/** The part of a field that an event names: the whole field, or some children of a compound. */
type Named = 'whole' | readonly string[];

function namedFields({ header, data }: MergeableEvent): Map<string, Named> {
  const fields = new Map<string, Named>();
  for (const path of [...header.changedFields, ...header.nulledFields, ...header.diffFields]) {
    const [field = '', child] = path.split('.');
    const before = fields.get(field) ?? 'whole';
    if (child === undefined) fields.set(field, before);
    // A compound that became null is null as a whole, whatever children are named beside it.
    else if (ownField(data, field) === null && header.changedFields.includes(field)) fields.set(field, 'whole');
    else fields.set(field, before === 'whole' ? [child] : [...before, child]);
  }
  return fields;
}

function dataAfter(older: MergeableEvent, newer: MergeableEvent): Values {
  const named = namedFields(newer);
  const data: Record<string, unknown> = { ...older.data };
  for (const field of new Set([...Object.keys(newer.data), ...named.keys()])) {
    set(data, field, fieldAfter(ownField(data, field), newer, field, named.get(field)));
  }
  return data;
}

/** The field's value after both changes; `undefined` where it was not decoded. */
function fieldAfter(before: unknown, newer: MergeableEvent, field: string, named: Named | undefined): unknown {
  const value = ownField(newer.data, field);
  const isNulled = (path: string) => newer.header.nulledFields.includes(path);
  if (named === 'whole') return value === undefined && isNulled(field) ? null : value;
  if (named === undefined && !isCompound(value)) return value ?? (before === undefined ? value : before);
  const inner = partsOf(value);
  const parts = { ...inner, ...partsOf(before), ...withoutNulls(inner) };
  for (const child of named ?? []) {
    const isNull = isNulled(field) || isNulled(`${field}.${child}`);
    const part = ownField(inner, child);
    set(parts, child, part === undefined && isNull ? null : part);
  }
  return Object.keys(parts).length === 0 ? undefined : parts;
}

/** The names in an UPDATE that was merged from two. */
function namesOfBoth(older: MergeableEvent, newer: MergeableEvent, data: Values) {
  const [before, after] = [namedFields(older), namedFields(newer)];
  const isReplaced = (path: string) => after.get(fieldOf(path)) === 'whole';
  // When a compound first changed as a whole and then in part, all parts have changed.
  const isSplit = (path: string) =>
    before.get(fieldOf(path)) === 'whole' &&
    Array.isArray(after.get(fieldOf(path))) &&
    isCompound(ownField(data, fieldOf(path)));
  const split = [...before.keys()].filter(isSplit).flatMap((field) => pathsOfParts(data, field));
  const union = (one: readonly string[], other: readonly string[]) =>
    [...new Set([...one.filter((path) => !isReplaced(path)), ...other])].filter((path) => !isSplit(path));
  return {
    changedFields: [...union(older.header.changedFields, newer.header.changedFields), ...split],
    nulledFields: [...union(nulledPaths(older, before), nulledPaths(newer, after)), ...split],
    // A value from the newer event's enrichment has replaced the diff.
    diffFields: union(
      older.header.diffFields.filter((path) => isNullAt(newer.data, path)),
      newer.header.diffFields,
    ),
  };
}

/** Where a compound is named as nulled and children of it as changed, the children were nulled. */
function nulledPaths({ header }: MergeableEvent, named: ReadonlyMap<string, Named>): string[] {
  return header.nulledFields.flatMap((path) => {
    const children = named.get(path);
    return Array.isArray(children) ? children.map((child) => `${path}.${child}`) : path;
  });
}

function pathsOfParts(data: Values, field: string): string[] {
  return Object.keys(partsOf(ownField(data, field))).map((part) => `${field}.${part}`);
}

function isNullAt(data: object, path: string): boolean {
  const [field = '', child] = path.split('.');
  const value = ownField(data, field);
  return ((child === undefined ? value : ownField(partsOf(value), child)) ?? null) === null;
}

function fieldOf(path: string): string {
  return path.replace(/\..*/, '');
}

function isCompound(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function partsOf(value: unknown): Values {
  return isCompound(value) ? value : {};
}

function withoutNulls(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

function set(target: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(target, name);
  else setField(target, name, value);
}
