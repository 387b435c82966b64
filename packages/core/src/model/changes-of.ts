import type { ChangeEvent, ChangeType } from './events.js';
import { asText } from './json.js';
import { ownField, setField } from './own-fields.js';

/** What {@link changesOf} looks at: a change event, or what was made of one; a platform event has no header. */
export interface EventWithChanges<T> {
  readonly header?: Pick<ChangeEvent['header'], 'changeType' | 'changedFields' | 'nulledFields' | 'diffFields'>;
  readonly data: Partial<T>;
}

/** The types whose `data` is a whole record. */
const WHOLE: readonly (ChangeType | undefined)[] = ['CREATE', 'UNDELETE', 'SNAPSHOT', undefined];

/**
 * The fields that an event says something about, without the many nulls of those that it says nothing about: to print it, say.
 * Of an UPDATE what changed, nulls where it was set to null, and of a compound the parts that changed; of a CREATE, UNDELETE or
 * SNAPSHOT, and of a platform event, all that is not null; of a DELETE or a gap nothing.
 *
 * The values are those in `data`: also a text diff. What was not decoded (option `fields`) is left out. The event stays as it
 * is.
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
      // A compound whose parts were named before: that it was nulled says that they were.
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
