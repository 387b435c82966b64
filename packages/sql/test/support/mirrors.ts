import type { ChangeEvent } from '@rxforce/core';
import { sqlMirror, type SqlMirror, type SqlMirrorOptions } from '../../src/index.js';
import type { Engine } from './engines.js';
import { schemaClient } from './schemas.js';

/** A mirror of `Account` in the table `account`. */
export function mirrorIn(engine: Engine, options: Partial<SqlMirrorOptions> = {}): SqlMirror {
  return sqlMirror({ database: engine.open(), entity: 'Account', client: schemaClient(), ...options });
}

/** Writes each event by itself. */
export async function writeEach(mirror: SqlMirror, ...events: readonly ChangeEvent[]): Promise<void> {
  for (const event of events) await mirror.write(event);
}

/** The rows of the table in order, without the columns that are null, and the same for both databases. */
export async function rowsOf(engine: Engine, columns = '*', table = 'account'): Promise<Record<string, unknown>[]> {
  const rows = await engine.query(`SELECT ${columns} FROM ${table} ORDER BY id`);
  return rows.map((row) => Object.fromEntries(Object.entries(row).flatMap(same)));
}

function same([name, value]: [string, unknown]): [string, unknown][] {
  if (value === null) return [];
  if (['rx_deleted', 'rx_complete', 'is_active'].includes(name)) return [[name, Boolean(value)]];
  return [[name, value instanceof Date ? value.toISOString() : value]];
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { code?: string; retriable?: boolean }> {
  return promise.then(
    () => {
      throw new Error('It has not failed.');
    },
    (error: unknown) => error as Error,
  );
}
