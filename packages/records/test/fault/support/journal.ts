import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangeEvent } from '@rxforce/core';
import { changeEvent } from '@rxforce/core/testing';
import { applyChange } from '@rxforce/operators';

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
  private readUpTo = 0;

  constructor(private readonly directory: string) {}

  /** How many bytes were read of it. */
  get size(): number {
    return this.readUpTo;
  }

  /** Reads what was appended since the last time. */
  readOn(): void {
    const file = join(this.directory, 'journal');
    if (!existsSync(file)) return;
    const bytes = readFileSync(file);
    const end = bytes.lastIndexOf(10) + 1;
    const lines = bytes.subarray(this.readUpTo, end).toString().split('\n');
    this.readUpTo = end;
    lines.filter((line) => line !== '').forEach((line) => this.apply(JSON.parse(line) as Entry));
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
