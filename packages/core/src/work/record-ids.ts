import { membersOf } from './members.js';

const NONE: readonly string[] = [];

/** The record ids of a change event; for a batch or a transaction, those of all its members. None for other values. */
export function recordIdsOf(value: unknown): readonly string[] {
  const members = membersOf(value);
  if (members) return members.flatMap((member) => recordIdsOf(member));
  const { header } = Object(value) as { header?: { recordIds?: readonly string[] } };
  return header?.recordIds ?? NONE;
}
