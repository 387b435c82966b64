import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { mergeChanges } from '../../src/records/merge-changes.js';

/** An UPDATE as the service sends it: all fields are there, null where they did not change. */
export function update(data: Record<string, unknown>, header: Partial<ChangeEvent['header']> = {}): ChangeEvent {
  const names = Object.keys(data);
  return changeEvent({
    changeType: 'UPDATE',
    data: { A: null, B: null, Text: null, Place: null, ...data },
    changedFields: names,
    nulledFields: names.filter((name) => data[name] === null),
    ...header,
  });
}

/** Two changes as one. */
export function merged(older: ChangeEvent, newer: ChangeEvent): ChangeEvent {
  const result = mergeChanges(older, newer);
  if (result === undefined) throw new Error('They were not merged.');
  return result;
}

/** The names of the fields that a change has changed. */
export function namesOf({ header: { changedFields, nulledFields, diffFields } }: ChangeEvent) {
  return { changedFields, nulledFields, diffFields };
}
