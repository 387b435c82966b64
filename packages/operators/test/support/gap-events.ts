import { expect } from 'chai';
import { EMPTY, map, timer } from 'rxjs';
import type { ChangeEvent, ChangeType } from '@rxforce/core/model';
import { changeEvent, type ChangeEventFields } from '@rxforce/core/testing';
import type { GapRead } from '../../src/gaps/gap-work.js';

/** A record. */
export interface Lead {
  Name: string;
  LastModifiedDate?: number | string | Date | null;
}

/** A change of one. */
export type Event = ChangeEvent<Lead>;

/** How records are read. */
export type Read = GapRead<Lead>;

/** A second, in milliseconds. */
export const SECOND = 1_000;

/** An event of a record, committed in a second. */
/** A change of records. */
export const event = (
  changeType: ChangeType,
  id: string | string[],
  second = 0,
  more: ChangeEventFields<Lead> = {},
): Event =>
  changeEvent<Lead>({
    entityName: 'Lead',
    changeType,
    recordIds: typeof id === 'string' ? [id] : id,
    commitTimestamp: second * SECOND,
    data: {},
    ...more,
  });

/** A record that was modified in a second. */
/** A record as it is read. */
export const lead = (Name: string, second = 0): Lead => ({ Name, LastModifiedDate: second * SECOND });

/** The event that a gap becomes. */
export const snapshot = (gap: Event, id: string, data: Lead): Event => ({
  ...gap,
  header: { ...gap.header, changeType: 'SNAPSHOT', recordIds: [id] },
  data,
});

/** The event that a gap becomes, where the records are gone. */
export const deletion = (gap: Event, ids: string[]): Event => ({
  ...gap,
  header: { ...gap.header, changeType: 'DELETE', recordIds: ids },
});

/** An event for other records. */
export const withIds = (whole: Event, ids: string[]): Event => ({
  ...whole,
  header: { ...whole.header, recordIds: ids },
});

/** An overflow asks for nothing. */
export const onOverflow = () => EMPTY;

/** The times of these tests are seconds apart, and of one clock. */
/** Clocks are right. */
export const clockToleranceMs = 0;

/** A function that must not be called. */
export const notCalled = (): never => expect.fail('is called');

/** Reads that take a time and give a record. */
export const reads = (ms: number, record: Lead) => () => timer(ms).pipe(map(() => record));

/** In short: what came, of which records. */
export const brief = ({ header }: Event) => `${header.changeType} ${header.recordIds.join()}`;

/** A gap of a record. */
export const G = event('GAP_UPDATE', '1');

/** A change of another record. */
export const U = event('UPDATE', '2');

/** A change of the record that has the gap. */
export const V = event('UPDATE', '1');

/** The record as it is read. */
export const S = lead('s');

/** The events by the letters of marbles. */
export const values = { g: G, u: U, v: V, s: snapshot(G, '1', S) };
