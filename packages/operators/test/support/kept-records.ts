import { of } from 'rxjs';
import type { ChangeEvent, ChangeType } from '@rxforce/core/model';
import { changeEvent, type ChangeEventFields } from '@rxforce/core/testing';
import { unifiedDiff } from './unified-diff.js';
import { toRecords, type RecordChange, type ToRecordsOptions } from '../../src/to-records.js';

/** A record. */
export interface Account {
  Name: string | null;
  City: string | null;
  Notes: string | null;
}

/** A change of one. */
export type Event = ChangeEvent<Account>;

/** A change of the record. */
export const event = (
  changeType: ChangeType,
  data: Partial<Account> = {},
  more: ChangeEventFields<Account> = {},
): Event => changeEvent<Account>({ changeType, recordIds: ['1'], data, ...more });

/** The record is there. */
export const CREATED = event('CREATE', { Name: 'x', City: 'y' });

/** A field has changed. */
export const UPDATED = event('UPDATE', { City: 'z' });

/** The record is gone. */
export const DELETED = event('DELETE', { Name: null, City: null });

/** A gap. */
export const GAP = event('GAP_UPDATE');

/** What is said of the record, without the event. */
export function summary({ recordId, data, before, after, complete }: RecordChange<Account>) {
  return { recordId, data, before, after, complete };
}

/** The changes that come at once, in short. */
export function changesOf(events: readonly Event[], options: ToRecordsOptions<Account> = {}) {
  const changes: RecordChange<Account>[] = [];
  of(...events)
    .pipe(toRecords(options))
    .subscribe((change) => changes.push(change));
  return changes;
}

/** A change of a text that comes as a diff. */
export const diffTo = (before: string, after: string) =>
  event(
    'UPDATE',
    { Notes: unifiedDiff(before, after, { context: 0, emptySideNames: 'line-before' }) },
    { diffFields: ['Notes'] },
  );

/** The changes by the letters of marbles. */
export const events = { a: CREATED, b: UPDATED, c: DELETED };
