import type { Dialect } from '../engine/database.js';

/** The columns of a mirror that are not fields, with their types in SQL. */
export const OWN_COLUMNS: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  postgres: {
    id: 'text PRIMARY KEY',
    rx_commit_ms: 'bigint',
    rx_commit_number: 'bigint',
    rx_sequence: 'bigint',
    rx_deleted: 'boolean NOT NULL DEFAULT false',
    rx_complete: 'boolean NOT NULL DEFAULT false',
    rx_seen_at: 'timestamptz',
    rx_state: 'text',
  },
  sqlite: {
    id: 'TEXT PRIMARY KEY NOT NULL',
    rx_commit_ms: 'INTEGER',
    rx_commit_number: 'INTEGER',
    rx_sequence: 'INTEGER',
    rx_deleted: 'INTEGER NOT NULL DEFAULT 0',
    rx_complete: 'INTEGER NOT NULL DEFAULT 0',
    rx_seen_at: 'TEXT',
    rx_state: 'TEXT',
  },
};
