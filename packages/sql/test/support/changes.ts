import { changeEvent, type ChangeEventFields } from '@rxforce/core/testing';
import type { ChangeEvent } from '@rxforce/core';
import { FIELDS } from './schemas.js';

/** The id of a record, by a number. */
export const idOf = (number: number) => `001${String(number).padStart(12, '0')}AAA`;

/** The fields that a test sets in a change. */
export interface ChangeFields extends ChangeEventFields<Record<string, unknown>> {
  /** When it was committed, in seconds; also its number. */
  readonly at?: number;
}

/** A change of record 1, of the second `at`. All fields that are not given are null, as in the service's events. */
export function change({ at = 1, data = {}, ...fields }: ChangeFields): ChangeEvent {
  const given = changeEvent({
    recordIds: [idOf(1)],
    commitTimestamp: at * 1_000,
    commitNumber: BigInt(at),
    ...fields,
    data,
  });
  return { ...given, data: { ...nulls(), ...data } };
}

/** A row of a snapshot, of a record that was modified last at the second `at`. */
export function snapshot(fields: ChangeFields): ChangeEvent {
  return change({ changeType: 'SNAPSHOT', commitNumber: 0n, sequenceNumber: 0, ...fields });
}

function nulls(): Record<string, unknown> {
  return Object.fromEntries(FIELDS.map(([name]) => [name, null]));
}
