import type { ChangeEvent, ChangeType } from './events.js';
import { asText } from './json.js';
import { ownField, setField } from './own-fields.js';

/** The input of {@link changesOf}: a change event, or a value made of one. A platform event has no header. */
export interface EventWithChanges<T> {
  readonly header?: Pick<ChangeEvent['header'], 'changeType' | 'changedFields' | 'nulledFields' | 'diffFields'>;
  readonly data: Partial<T>;
}

/** The types whose `data` is a whole record. */
const WHOLE: readonly (ChangeType | undefined)[] = ['CREATE', 'UNDELETE', 'SNAPSHOT', undefined];

/**
 * The fields that an event has a value for, without the many nulls of the other fields, for example to print the event.
 * For an UPDATE: the fields that changed, null where they were set to null, and of a compound the parts that changed.
 * For a CREATE, UNDELETE or SNAPSHOT, and for a platform event: all fields that are not null. For a DELETE or a gap:
 * none.
 *
 * The values are those in `data`, also where one is a text diff. Fields that were not decoded (option `fields`) are
 * left out. The event is not changed.
 */
export function changesOf<T = Record<string, unknown>>(event: EventWithChanges<T>): Partial<T> {
  const { header, data } = event;
  if (header?.changeType === 'UPDATE') return asText(changed(header, data));
  return asText(WHOLE.includes(header?.changeType) ? withoutNulls(data) : {});
}

function changed(
  { changedFields, nulledFields, diffFields }: NonNullable<EventWithChanges<unknown>['header']>,
  data: object,
): object {
  const changes = {};
  for (const path of [...changedFields, ...nulledFields, ...diffFields]) {
    const [field = '', part] = path.split('.');
    const value = ownField(data, field);
    if (value === undefined) continue;
    if (part === undefined || !isCompound(value)) {
      // The parts of this compound were named before: the null of the compound means that they were nulled.
      if (!isCompound(ownField(changes, field))) setField(changes, field, value);
      continue;
    }
    const known = ownField(changes, field);
    const parts = isCompound(known) && known !== value ? known : {};
    setField(parts, part, ownField(value, part) ?? null);
    setField(changes, field, parts);
  }
  return changes;
}

function withoutNulls(values: object): object {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, isCompound(value) ? withoutNulls(value) : value]));
}

function isCompound(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
