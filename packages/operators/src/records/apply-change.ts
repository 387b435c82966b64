import { ChangeMismatchError, Err, Ok, ownField, setField, type ChangeEvent, type Result } from '@rxforce/core/model';
import { applyTextDiff } from './text-diff.js';

/**
 * The record after a change; `undefined` where the record is gone. The arguments are not changed. The new record shares
 * its unchanged parts with the old one.
 *
 * - CREATE, UNDELETE, SNAPSHOT: the data of the event, which is the whole record.
 * - UPDATE: a value that is not null is the field's value, whether the event names the field as changed or was enriched
 *   with it. A null is the field's value where the event names the field, or the child of a compound field. Children
 *   that are not named stay. A large text that came as a diff is made from the old text. Of an unknown record, only the
 *   event's content is known afterwards. A changed field that was not decoded (option `fields` of the client) is not
 *   known afterwards.
 * - DELETE: no record.
 * - GAP_*: an `Err`, because the event does not say what changed.
 *
 * An event may be applied twice. Apply a wildcard such as `001*` to each record of the object.
 *
 * @param record - The record before; `undefined` where there is none, or none is known.
 * @param event - The change.
 * @returns An `Err` where the record must be read again: for a gap, or a text diff that does not fit.
 */
export function applyChange<T = Record<string, unknown>>(
  record: Readonly<Partial<T>> | undefined,
  event: ChangeEvent<T>,
): Result<Partial<T> | undefined, ChangeMismatchError> {
  const { changeType } = event.header;
  switch (changeType) {
    case 'CREATE':
    case 'UNDELETE':
    case 'SNAPSHOT':
      return Ok({ ...event.data });
    case 'UPDATE':
      return updated(record ?? {}, event) as Result<Partial<T>, ChangeMismatchError>;
    case 'DELETE':
      return Ok(undefined);
    case 'GAP_CREATE':
    case 'GAP_UPDATE':
    case 'GAP_DELETE':
    case 'GAP_UNDELETE':
    case 'GAP_OVERFLOW':
      return Err(mismatch(event, `a ${changeType} does not say what changed. Put resolveGaps() before this`));
    default:
      // Schemas get new types now and then.
      changeType satisfies never;
      return Err(mismatch(event, `this version of rxforce does not know the change type ${String(changeType)}`));
  }
}

type Values = Readonly<Record<string, unknown>>;

function updated(record: Values, event: ChangeEvent): Result<Values, ChangeMismatchError> {
  const { header, data } = event;
  const after: Record<string, unknown> = { ...record };
  for (const [field, value] of Object.entries(data)) {
    if (value !== null && value !== undefined) setField(after, field, withParts(ownField(record, field), value, []));
  }
  for (const [field, children] of namedFields(event)) {
    const value = ownField(data, field);
    const before = ownField(record, field);
    if (header.diffFields.includes(field) && typeof value === 'string') {
      const text = textAfter(before, value, event, field);
      if (text.err) return text;
      set(after, field, text.val);
    } else {
      set(after, field, fieldAfter(before, event, field, children));
    }
  }
  return Ok(after);
}

/**
 * The fields that an event names, each with its children that changed. An event may name the children as changed and
 * their parent as nulled: then the children were set to null.
 */
function namedFields({ header }: ChangeEvent): Map<string, readonly string[]> {
  const paths = [...header.changedFields, ...header.nulledFields, ...header.diffFields];
  const fields = new Map<string, readonly string[]>();
  for (const path of paths) {
    const [field = '', child] = path.split('.');
    const children = fields.get(field) ?? [];
    fields.set(field, child === undefined ? children : [...children, child]);
  }
  return fields;
}

/** The field's value after the change; `undefined` where it is not known. */
function fieldAfter(before: unknown, event: ChangeEvent, field: string, children: readonly string[]): unknown {
  const { header, data } = event;
  const value = ownField(data, field);
  if (children.length > 0 && !(value === null && header.changedFields.includes(field))) {
    const isNulled = (child: string) =>
      header.nulledFields.includes(field) || header.nulledFields.includes(`${field}.${child}`);
    return withParts(
      before,
      value,
      children.map((child) => [child, value === undefined && !isNulled(child) ? undefined : null]),
    );
  }
  return value === undefined && header.nulledFields.includes(field) ? null : value;
}

/**
 * A value that replaces another. A compound keeps the parts that the new value does not have.
 *
 * @param defaults - The values of parts that the new value lacks.
 */
function withParts(before: unknown, value: unknown, defaults: readonly (readonly [string, unknown])[]): unknown {
  if (!isCompound(value) && defaults.length === 0) return value;
  // All parts of a compound that is null are null.
  const known = before === null ? value : before;
  const after: Record<string, unknown> = isCompound(known) ? { ...known } : {};
  defaults.forEach(([part, fallback]) => set(after, part, fallback));
  for (const [part, inner] of Object.entries(isCompound(value) ? value : {})) {
    if (inner !== null && inner !== undefined) setField(after, part, inner);
  }
  return after;
}

function set(target: Record<string, unknown>, name: string, value: unknown): void {
  // The part changed, but its value is not known.
  if (value === undefined) Reflect.deleteProperty(target, name);
  else setField(target, name, value);
}

function isCompound(value: unknown): value is Values {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function textAfter(
  before: unknown,
  diff: string,
  event: ChangeEvent,
  field: string,
): Result<string, ChangeMismatchError> {
  if (before !== null && typeof before !== 'string') {
    return Err(mismatch(event, `${field} came as a diff, and the text before is not known. Read the record again`));
  }
  const text = applyTextDiff(before ?? '', diff);
  return text.mapErr((cause) => mismatch(event, `${field}: ${cause.message}`, cause));
}

function mismatch(
  { header, topic, replayId }: Pick<ChangeEvent, 'header' | 'topic' | 'replayId'>,
  reason: string,
  cause?: unknown,
): ChangeMismatchError {
  return new ChangeMismatchError(
    `The ${header.changeType} of ${header.entityName} ${header.recordIds.join(', ')} cannot be applied: ${reason}.`,
    { topic, replayId: replayId.toString(), cause },
  );
}
