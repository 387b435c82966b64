import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { PgPool, SqliteConnection, SqlSource } from '../../src/index.js';
import { startPostgres, type PostgresServer } from './postgres.js';

type Row = Record<string, unknown>;

/** A real database, for suites that run with both. */
export interface Engine {
  readonly name: 'PostgreSQL' | 'SQLite';
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Removes all tables. */
  clear(): Promise<void>;
  /** Another connection, or another pool. */
  open(): SqlSource;
  /** Runs a statement with values, by `$1`. */
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** PostgreSQL, on a server of its own. */
export function postgresEngine(): Engine & { readonly server: () => PostgresServer } {
  let server: PostgresServer;
  let pool: ReturnType<PostgresServer['pool']>;
  let others: readonly PgPool[];
  let opened = 0;
  return {
    name: 'PostgreSQL',
    server: () => server,
    start: async () => {
      server = await startPostgres();
      pool = server.pool();
      others = [server.pool(), server.pool()];
    },
    stop: () => server.stop(),
    clear: async () => {
      await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    },
    // Connections are few, so two pools stand for all processes.
    open: () => others[opened++ % others.length]!,
    query: async (sql, values = []) => (await pool.query<Row>(sql, [...values])).rows,
  };
}

/** SQLite, with a file of its own. */
export function sqliteEngine(): Engine {
  let folder: string;
  let own: Database.Database;
  const opened: Database.Database[] = [];
  const open = () => {
    const connection = new Database(join(folder, 'test.db'));
    connection.pragma('journal_mode = WAL');
    opened.push(connection);
    return connection;
  };
  return {
    name: 'SQLite',
    start: async () => {
      folder = await mkdtemp(join(tmpdir(), 'rxforce-sqlite-'));
      own = open();
    },
    stop: async () => {
      opened.forEach((connection) => connection.close());
      await rm(folder, { recursive: true, force: true });
    },
    clear: () => {
      const tables = own
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .all();
      (tables as { name: string }[]).forEach(({ name }) => own.exec(`DROP TABLE "${name}"`));
      return Promise.resolve();
    },
    open: (): SqliteConnection => open(),
    query: (sql, values = []) => {
      const statement = own.prepare(sql.replaceAll(/\$\d+/g, '?'));
      if (statement.reader) return Promise.resolve(statement.all(values) as Row[]);
      statement.run(values);
      return Promise.resolve([]);
    },
  };
}
