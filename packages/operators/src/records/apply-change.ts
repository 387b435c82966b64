import { ChangeMismatchError, Err, Ok, ownField, setField, type ChangeEvent, type Result } from '@rxforce/core/model';
import { applyTextDiff } from './text-diff.js';

/**
 * The record after a change: `undefined` where there is none any more. Nothing given is changed; what did not change in a
 * record is shared with the one before.
 *
 * - CREATE, UNDELETE, SNAPSHOT: what the event has, which is the whole record.
 * - UPDATE: a value that is not null is the field's, whether the event names the field as changed or was enriched with it.
 *   A null is, where the event names the field, or the child of a compound field. Children that are not named stay. A large
 *   text that came as a diff is made of the text before. Of a record that is not known, what the event tells is known
 *   afterwards. A changed field that was not decoded (option `fields` of the client) is not known afterwards.
 * - DELETE: no record.
 * - GAP_*: an `Err`, as they do not say what changed.
 *
 * An event may be applied twice. For a wildcard such as `001*` it is applied to each record of the object.
 *
 * @param record - The record before, `undefined` where there is none, or none is known.
 * @param event - What happened to it.
 * @returns An `Err` where only reading the record again helps: a gap, or a text diff that does not fit.
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
 * The fields that an event names, each with those of its children that changed. The children may be named as changed while
 * their parent is named as nulled: then it is they who were.
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

/** `undefined` where it is not known. */
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
 * A value that takes the place of another. A compound keeps the parts that the new one does not have.
 *
 * @param defaults - What parts are that the new one has no value for.
 */
function withParts(before: unknown, value: unknown, defaults: readonly (readonly [string, unknown])[]): unknown {
  if (!isCompound(value) && defaults.length === 0) return value;
  // Of a compound that is null all parts are.
  const known = before === null ? value : before;
  const after: Record<string, unknown> = isCompound(known) ? { ...known } : {};
  defaults.forEach(([part, fallback]) => set(after, part, fallback));
  for (const [part, inner] of Object.entries(isCompound(value) ? value : {})) {
    if (inner !== null && inner !== undefined) setField(after, part, inner);
  }
  return after;
}

function set(target: Record<string, unknown>, name: string, value: unknown): void {
  // It is known that it changed, and not to what.
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
