import { childNames, type EntityModel, fieldAt } from './entity-model.js';
import type { CompoundField } from './field.js';
import type { FieldChange } from './field-values.js';
import { textDiff } from './text-diff.js';
import type { CompoundValue, FieldValue, FieldValues, ScalarValue } from './values.js';

/** The values after some changes. */
export function applyChanges(entity: EntityModel, before: FieldValues, changes: readonly FieldChange[]): FieldValues {
  // An object that is made at once takes half the memory of one that grows property by property.
  const after = new Map<string, FieldValue>(Object.entries(before));
  for (const { position, child, value } of changes) {
    const field = fieldAt(entity, position);
    if (child === undefined || field.kind === 'scalar') {
      after.set(field.name, value);
    } else {
      after.set(field.name, withPart(after.get(field.name), childNames(field)[child] ?? '', value));
    }
  }
  return Object.fromEntries(after);
}

/**
 * The changes of some fields, field by field and part by part. When a compound has become empty, the compound itself
 * counts as changed: the service then names it, and not its parts.
 *
 * @param positions - The fields, in the order in which their changes are given.
 */
export function changesBetween(
  entity: EntityModel,
  before: FieldValues,
  after: FieldValues,
  positions: readonly number[],
): FieldChange[] {
  return positions.flatMap((position) => {
    const field = fieldAt(entity, position);
    const old = before[field.name] ?? null;
    const now = after[field.name] ?? null;
    if (typeof now !== 'object' || now === null) return now === old ? [] : [withDiff({ position, value: now }, old)];
    return field.kind === 'compound' ? partsBetween(entity, field, position, old, now) : [];
  });
}

function partsBetween(
  entity: EntityModel,
  field: CompoundField,
  position: number,
  old: FieldValue,
  now: CompoundValue,
): FieldChange[] {
  const oldParts: CompoundValue = typeof old === 'object' && old !== null ? old : {};
  const parts = childNames(field).map((name, child) => ({
    position,
    child,
    value: now[name] ?? null,
    old: oldParts[name] ?? null,
  }));
  const changed = parts.filter((part) => part.value !== part.old);
  // The service sends a geolocation of a custom object with all its parts, whichever part has changed.
  const isWhole = field.type === 'Location' && entity.definition.name.endsWith('__c') && changed.length > 0;
  return (isWhole ? parts : changed).map(({ child, value }) => ({ position, child, value }));
}

/** The values without nulls, both of fields and of parts. */
export function withoutNulls(values: FieldValues): Record<string, ScalarValue | Record<string, ScalarValue>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null ? [] : [[name, typeof value === 'object' ? partsOf(value) : value]],
    ),
  );
}

function partsOf(value: CompoundValue): Record<string, ScalarValue> {
  return Object.fromEntries(Object.entries(value).flatMap(([name, part]) => (part === null ? [] : [[name, part]])));
}

function withDiff(change: FieldChange, before: FieldValue): FieldChange {
  const { value } = change;
  if (typeof value !== 'string' || typeof before !== 'string') return change;
  const diff = textDiff(before, value);
  return diff === undefined ? change : { ...change, diff };
}

function withPart(before: FieldValue | undefined, name: string, value: ScalarValue | null): CompoundValue | null {
  const parts = { ...(typeof before === 'object' ? before : undefined), [name]: value };
  return value !== null || Object.values(parts).some((part) => part !== null) ? parts : null;
}
