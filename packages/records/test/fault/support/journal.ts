import { join } from 'node:path';
import type { ChangeEvent } from '@rxforce/core';
import { changeEvent } from '@rxforce/core/testing';
import { applyChange } from '@rxforce/operators';
import { AppendedLines } from '../../../../../test/support/appended-lines.js';

/** What is read of an account. */
export interface Account {
  readonly Name: string | null;
  readonly AnnualRevenue: number | null;
  readonly Phone: string | null;
}

/** What the process is told. */
export interface Task {
  readonly directory: string;
  readonly login: { readonly loginUrl: string; readonly clientId: string; readonly clientSecret: string };
  readonly endpoint: string;
  readonly pageSize: number;
  readonly fields: (keyof Account)[];
}

/** What it writes of an event. */
export type Entry = Pick<
  ChangeEvent<Account>['header'],
  'recordIds' | 'changeType' | 'changedFields' | 'nulledFields'
> & { readonly data: Partial<Account> };

/** What a journal says, as far as it was read. */
export class Journal {
  /** The records, as one who applies all changes has them. */
  readonly records = new Map<string, Partial<Account>>();
  /** How many records were read, and how many of them for the first time. */
  rows = 0;
  readonly firstRows = new Set<string>();
  private readonly lines: AppendedLines;

  constructor(directory: string) {
    this.lines = new AppendedLines(join(directory, 'journal'));
  }

  /** How many bytes were read of it. */
  get size(): number {
    return this.lines.size;
  }

  /** Reads what was appended since the last time. */
  readOn(): void {
    this.lines.next().forEach((line) => this.apply(JSON.parse(line) as Entry));
  }

  private apply({ data, ...header }: Entry): void {
    for (const recordId of header.recordIds) {
      if (header.changeType === 'SNAPSHOT') {
        this.rows++;
        this.firstRows.add(recordId);
      }
      const after = applyChange(this.records.get(recordId), changeEvent<Account>({ ...header, data })).unwrap();
      if (after === undefined) this.records.delete(recordId);
      else this.records.set(recordId, after);
    }
  }
}
