import { childNames, type EntityModel, fieldAt } from './entity-model.js';
import type { FieldChange } from './field-values.js';
import { textDiff } from './text-diff.js';
import type { CompoundValue, FieldValue, FieldValues, ScalarValue } from './values.js';

/** The values after some changes. */
export function applyChanges(entity: EntityModel, before: FieldValues, changes: readonly FieldChange[]): FieldValues {
  const after: Record<string, FieldValue> = { ...before };
  for (const { position, child, value } of changes) {
    const field = fieldAt(entity, position);
    if (child === undefined || field.kind === 'scalar') {
      after[field.name] = value;
    } else {
      after[field.name] = withPart(after[field.name], childNames(field)[child] ?? '', value);
    }
  }
  return after;
}

/**
 * The changes that change something. Where they empty all that was left of a compound, they are one change of the
 * whole compound: the service then names the compound itself, not its parts.
 */
export function effectiveChanges(
  entity: EntityModel,
  before: FieldValues,
  changes: readonly FieldChange[],
): FieldChange[] {
  const effective = changes
    .filter((change) => valueAt(entity, before, change) !== change.value)
    .map((change) => withDiff(change, valueAt(entity, before, change)));
  if (effective.every(({ child, value }) => child === undefined || value !== null)) {
    return effective;
  }
  const after = applyChanges(entity, before, effective);
  const emptied = new Set(
    effective.map(({ position }) => position).filter((position) => after[fieldAt(entity, position).name] === null),
  );
  return [
    ...effective.filter(({ position }) => !emptied.has(position)),
    ...[...emptied].map((position) => ({ position, value: null })),
  ];
}

/** The values of the fields and parts that have one. */
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
  const { child, value } = change;
  if (child !== undefined || typeof value !== 'string' || typeof before !== 'string') return change;
  const diff = textDiff(before, value);
  return diff === undefined ? change : { ...change, diff };
}

/** A change to null of a whole compound compares with the whole, any other with a field or part of one value. */
function valueAt(entity: EntityModel, values: FieldValues, { position, child }: FieldChange): FieldValue {
  const field = fieldAt(entity, position);
  const value = values[field.name] ?? null;
  if (child === undefined || field.kind === 'scalar') {
    return value;
  }
  return typeof value === 'object' && value !== null ? (value[childNames(field)[child] ?? ''] ?? null) : null;
}

function withPart(before: FieldValue | undefined, name: string, value: ScalarValue | null): CompoundValue | null {
  const parts = { ...(typeof before === 'object' ? before : undefined), [name]: value };
  return value !== null || Object.values(parts).some((part) => part !== null) ? parts : null;
}
