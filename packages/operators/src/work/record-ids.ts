const NONE: readonly string[] = [];

/**
 * The ids of the records that a value is about: those of a change event, and for a batch or a transaction those of all its
 * members. None for other values.
 */
export function recordIdsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((member) => recordIdsOf(member));
  const { header, events } = Object(value) as { header?: { recordIds?: readonly string[] }; events?: unknown };
  return header?.recordIds ?? (Array.isArray(events) ? recordIdsOf(events) : NONE);
}
