const NONE: readonly string[] = [];

/**
 * The ids of the records that a value is about: those of a change event, and for a batch those of all its members. None for
 * other values.
 */
export function recordIdsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((member) => recordIdsOf(member));
  const { header } = Object(value) as { header?: { recordIds?: readonly string[] } };
  return header?.recordIds ?? NONE;
}
