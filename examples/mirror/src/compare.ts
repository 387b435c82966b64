import type { OrgRecord } from '@rxforce/emulator';
import Database from 'better-sqlite3';
import { Client, types } from 'pg';

/** A row of the table. */
export type TableRow = Readonly<Record<string, unknown>>;

// As a text, as SQLite has it.
types.setTypeParser(types.builtins.DATE, (text) => text);

/** The rows of records that were not deleted, by id. */
export async function rowsOf(database: string): Promise<ReadonlyMap<string, TableRow>> {
  const rows = database.startsWith('postgres:') ? await postgresRows(database) : sqliteRows(database);
  return new Map(rows.filter(({ rx_deleted: isDeleted }) => !isDeleted).map((row) => [String(row.id), row]));
}

async function postgresRows(database: string): Promise<TableRow[]> {
  const client = new Client(database);
  await client.connect();
  try {
    return (await client.query<TableRow>('SELECT * FROM account')).rows;
  } finally {
    await client.end();
  }
}

function sqliteRows(database: string): TableRow[] {
  const connection = new Database(database.replace(/^sqlite:/, ''), { readonly: true });
  try {
    return connection.prepare('SELECT * FROM account').all() as TableRow[];
  } finally {
    connection.close();
  }
}

/** How a table and an org differ. */
export interface Difference {
  readonly wrong: readonly string[];
  readonly missing: readonly string[];
  readonly leftOver: readonly string[];
}

/** Compares each record of an org with its row, field by field. */
export function compare(records: readonly OrgRecord[], rows: ReadonlyMap<string, TableRow>): Difference {
  const ids = new Set(records.map(({ Id }) => Id));
  const known = records.filter(({ Id }) => rows.has(Id));
  return {
    wrong: known.filter((record) => !isSame(record, rows.get(record.Id) ?? {})).map(({ Id }) => Id),
    missing: records.filter(({ Id }) => !rows.has(Id)).map(({ Id }) => Id),
    leftOver: [...rows.keys()].filter((id) => !ids.has(id)),
  };
}

function isSame({ Id: _id, ...fields }: OrgRecord, row: TableRow): boolean {
  return Object.entries(fields).every(([name, value]) =>
    isCompound(value)
      ? Object.entries(value).every(([part, inner]) => isSameValue(inner, row[columnOf(restName(name, part))]))
      : isSameValue(value, row[columnOf(name)]),
  );
}

function isCompound(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Such as `BillingCity` for `BillingAddress` and `City`. */
function restName(field: string, part: string): string {
  if (field === 'Name') return part;
  return field.endsWith('__c') ? `${field.slice(0, -1)}${part}__s` : `${field.replace(/Address$/, '')}${part}`;
}

/** Such as `billing_city`. */
function columnOf(name: string): string {
  if (name.includes('__')) return name.toLowerCase();
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** Whether the database has a value of the org, in its own form. */
function isSameValue(value: unknown, stored: unknown): boolean {
  if (value === null || value === undefined || value === '') return stored === null || stored === undefined;
  if (typeof value === 'boolean') return Boolean(stored) === value;
  if (typeof value !== 'number') return stored === value;
  if (stored instanceof Date) return stored.getTime() === value;
  if (typeof stored !== 'string') return stored === value;
  return Number(stored) === value || Date.parse(/^\d\d:/.test(stored) ? `1970-01-01T${stored}Z` : stored) === value;
}
