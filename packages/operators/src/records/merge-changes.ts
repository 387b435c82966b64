import { headerWith, ownField, setField, type ChangeEventHeader, type ChangeType } from '@rxforce/core/model';

/** What `mergeChanges` needs of an event: a change event, or what `toRecords` makes of it. */
export interface MergeableEvent {
  readonly header: ChangeEventHeader;
  readonly data: object;
  /** The record before the change, where the event carries it. */
  readonly before?: object | undefined;
}

/**
 * The change that does what two changes of the same records do, one after the other: for who works on the newer state of a
 * record only. `undefined` where no single change can. Nothing given is changed.
 *
 * - CREATE, UNDELETE or SNAPSHOT, then UPDATE: the older one, with the values that the UPDATE has changed.
 * - UPDATE, then UPDATE: an UPDATE of all that either has changed, with the newer values.
 * - DELETE, then CREATE, UNDELETE or SNAPSHOT: the newer one. So is anything followed by a SNAPSHOT or a DELETE.
 *
 * A null in an UPDATE is a value only where the event names the field, or the child of a compound. A value that is not null
 * counts also where the event does not name it, as one that it was enriched with.
 *
 * Two changes stay two where one of them is a gap or an overflow, which do not say what changed; where they are of different
 * records; where both change a field and one of them tells it as a text diff, which fits nothing but the text before it; and
 * where one cannot follow the other, as an UPDATE a DELETE.
 *
 * All else (id, replay id, transaction, time) is the newer one's. An event that was made of two is not as the service sent it:
 * there are no bytes of it.
 *
 * @param older - What happened first.
 * @param newer - What happened next to the same records.
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
      // A type that a later schema has is not known to say all, either.
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

/** Where events carry the record before them, what was made of two has the one before both. */
function since<E extends MergeableEvent>(older: E, newer: E): E {
  return carriesRecord(older) ? madeOf(newer, { before: older.before }) : newer;
}

/** With the record before the change, an event carries the one after it too. */
function carriesRecord(event: MergeableEvent): boolean {
  return 'before' in event;
}

/** A copy without what events carry under symbols: the delivery of one of two is not that of what was made of both. */
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

/** Both change a field, and one of them tells it as a diff. What carries the whole record has changed all fields. */
function clashes(older: MergeableEvent, newer: MergeableEvent): boolean {
  const { changeType, diffFields } = older.header;
  const [before, after] = [namedFields(older), namedFields(newer)];
  return (
    newer.header.diffFields.some((path) => changeType !== 'UPDATE' || before.has(fieldOf(path))) ||
    diffFields.some((path) => after.has(fieldOf(path)))
  );
}

/** What an event names of a field: the field as a whole, or some children of the compound that it is. */
type Named = 'whole' | readonly string[];

function namedFields({ header, data }: MergeableEvent): Map<string, Named> {
  const fields = new Map<string, Named>();
  for (const path of [...header.changedFields, ...header.nulledFields, ...header.diffFields]) {
    const [field = '', child] = path.split('.');
    const before = fields.get(field) ?? 'whole';
    if (child === undefined) fields.set(field, before);
    // A compound that became null is so as a whole, whatever children are named beside it.
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

/** `undefined` where it is not known, because it was not decoded. */
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

/** The names in an UPDATE that was made of two. */
function namesOfBoth(older: MergeableEvent, newer: MergeableEvent, data: Values) {
  const [before, after] = [namedFields(older), namedFields(newer)];
  const isReplaced = (path: string) => after.get(fieldOf(path)) === 'whole';
  // Of what changed as a whole before and in part now, all parts have changed.
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
    // A value that the newer event was enriched with has taken the place of the diff.
    diffFields: union(
      older.header.diffFields.filter((path) => isNullAt(newer.data, path)),
      newer.header.diffFields,
    ),
  };
}

/** Where a compound is named as nulled and children of it as changed, it is they who were nulled. */
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
