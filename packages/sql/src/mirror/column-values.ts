import { jsonOf, kindOf as kindOfValue } from '@rxforce/core/model';
import type { Dialect, SqlValue } from '../engine/database.js';
import type { ColumnKind } from './mirror-columns.js';

/** The types of the columns, by kind. Those of SQLite are its affinities. */
const TYPES: Readonly<Record<Dialect, Readonly<Record<ColumnKind, string>>>> = {
  postgres: {
    text: 'text',
    real: 'double precision',
    integer: 'bigint',
    boolean: 'boolean',
    timestamp: 'timestamptz',
    date: 'date',
    time: 'time',
    bytes: 'bytea',
    json: 'text',
  },
  sqlite: {
    text: 'TEXT',
    real: 'REAL',
    integer: 'INTEGER',
    boolean: 'INTEGER',
    timestamp: 'TEXT',
    date: 'TEXT',
    time: 'TEXT',
    bytes: 'BLOB',
    json: 'TEXT',
  },
};

/** The type of a column in SQL. */
export function sqlType(dialect: Dialect, kind: ColumnKind): string {
  return TYPES[dialect][kind];
}

const DAY_MS = 86_400_000;
/** The times that both databases can hold, and compare: the years 1 to 9999. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * A field's value, as its column takes it.
 *
 * @throws `TypeError` when the column cannot hold it. The message does not have the value.
 */
export function columnValue(dialect: Dialect, kind: ColumnKind, value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'text':
      return textOf(dialect, typeof value === 'string' ? value : plainText(value));
    case 'real':
      return realOf(dialect, value);
    case 'integer':
      return integerOf(value);
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw misfit('a boolean', value);
    case 'timestamp':
      return new Date(timeOf(value)).toISOString();
    case 'date':
      return new Date(timeOf(value)).toISOString().slice(0, 10);
    case 'time':
      return clockOf(value);
    case 'bytes':
      if (value instanceof Uint8Array) return value;
      throw misfit('bytes', value);
    case 'json':
      return textOf(dialect, JSON.stringify(jsonOf(value)));
    default:
      return kind satisfies never;
  }
}

/** What a text of UTF-8 cannot hold becomes U+FFFD: half a surrogate pair, and with PostgreSQL the NUL. */
function textOf(dialect: Dialect, text: string): string {
  const whole = /\p{Surrogate}/u.test(text) ? text.replaceAll(/\p{Surrogate}/gu, '\ufffd') : text;
  return dialect === 'postgres' && whole.includes('\0') ? whole.replaceAll('\0', '\ufffd') : whole;
}

/** A column was text before its field became something else, or was made text to hold what comes. */
function plainText(value: unknown): string {
  return ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : JSON.stringify(jsonOf(value));
}

function realOf(dialect: Dialect, value: unknown): SqlValue {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number') throw misfit('a number', value);
  // SQLite has no NaN: it would make null of it, too.
  return Number.isNaN(number) && dialect === 'sqlite' ? null : number;
}

function integerOf(value: unknown): SqlValue {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw misfit('a whole number of 64 bits', value);
}

function timeOf(value: unknown): number {
  // A record that an application read from the REST API has texts.
  const time = typeof value === 'string' ? Date.parse(value) : typeof value === 'bigint' ? Number(value) : value;
  if (typeof time === 'number' && time >= EARLIEST_MS && time <= LATEST_MS) return time;
  throw misfit('a time in epoch milliseconds, in the years 1 to 9999', value);
}

function clockOf(value: unknown): string {
  if (typeof value === 'string' && /^\d\d:\d\d:\d\d\.\d{3}Z?$/.test(value)) return value.slice(0, 12);
  if (typeof value === 'number' && value >= 0 && value < DAY_MS) return new Date(value).toISOString().slice(11, 23);
  throw misfit('a time of day in milliseconds', value);
}

function misfit(expected: string, value: unknown): TypeError {
  const what = typeof value === 'number' || typeof value === 'bigint' ? 'another number' : kindOfValue(value);
  return new TypeError(`must be ${expected}, and not ${what}`);
}
