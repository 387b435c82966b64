import type { Row, SqlDatabase, SqlValue, Statement, Work } from './database.js';
import { SqlFailure, sqlFailure } from './sql-failure.js';

/** What this package needs of a `Database` of better-sqlite3. */
export interface SqliteConnection {
  /** Compiles a statement. */
  prepare(sql: string): SqliteStatement;
  /** Runs statements without values. */
  exec(sql: string): unknown;
  /** Reads or sets a pragma. */
  pragma(sql: string): unknown;
  /** Closes the file. */
  close(): unknown;
  /** Whether a transaction is open. */
  readonly inTransaction: boolean;
}

/** What this package needs of a compiled statement of better-sqlite3. */
export interface SqliteStatement {
  /** Whether the statement gives rows. */
  readonly reader: boolean;
  /** Runs it, and gives all rows. */
  all(...values: unknown[]): unknown[];
  /** Runs it. */
  run(...values: unknown[]): unknown;
}

/** Most compiled statements that are kept. */
const MAX_STATEMENTS = 200;

/** A compiled statement, and where its values go. */
interface Compiled {
  readonly statement: SqliteStatement;
  /** The index of each value, in the order of the placeholders: better-sqlite3 takes numbered ones for names. */
  readonly order: readonly number[];
}

type Compile = (sql: string) => Compiled;

/** @param isOwn - Whether the connection was made here, and is closed here. */
export function sqliteDatabase(connection: SqliteConnection, isOwn: boolean): SqlDatabase {
  const compile = compiler(connection);
  return {
    dialect: 'sqlite',
    // An async function: what is thrown rejects.
    // eslint-disable-next-line @typescript-eslint/require-await -- SQLite answers at once.
    transaction: async (work) => transaction(connection, compile, work),
    // eslint-disable-next-line @typescript-eslint/require-await -- SQLite answers at once.
    close: async () => {
      if (isOwn) connection.close();
    },
  };
}

function compiler(connection: SqliteConnection): Compile {
  const known = new Map<string, Compiled>();
  return (sql) => {
    let compiled = known.get(sql);
    if (compiled === undefined) {
      const order = [...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number) - 1);
      compiled = { statement: connection.prepare(sql.replaceAll(/\$\d+/g, '?')), order };
      if (known.size >= MAX_STATEMENTS) known.clear();
      known.set(sql, compiled);
    }
    return compiled;
  };
}

function transaction<T>(connection: SqliteConnection, compile: Compile, work: () => Work<T>): T {
  if (connection.inTransaction) throw inTransaction();
  return answered(() => {
    // Not a deferred one: that would fail at its first write where another connection has written since its first read.
    connection.exec('BEGIN IMMEDIATE');
    try {
      const result = through(compile, work());
      connection.exec('COMMIT');
      return result;
    } finally {
      if (connection.inTransaction) connection.exec('ROLLBACK');
    }
  });
}

function through<T>(compile: Compile, work: Work<T>): T {
  let step = work.next();
  while (step.done !== true) step = work.next(ask(compile, step.value));
  return step.value;
}

function ask(compile: Compile, { sql, values = [], each }: Statement): readonly Row[] {
  const { statement, order } = compile(sql);
  const bind = (all: readonly SqlValue[]) => order.map((index) => bound(all[index] ?? null));
  if (each !== undefined) {
    for (const row of each) statement.run(bind(row));
    return [];
  }
  // Arrays are for PostgreSQL alone.
  const own = bind(values as readonly SqlValue[]);
  if (statement.reader) return statement.all(own) as Row[];
  statement.run(own);
  return [];
}

/** A value as better-sqlite3 takes it. */
function bound(value: SqlValue): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Uint8Array && !Buffer.isBuffer(value) ? Buffer.from(value) : value;
}

function answered<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    // What the work itself throws is passed on: only errors of SQLite have a code, or come from a closed connection.
    const { code, message } = Object(error) as { code?: unknown; message?: unknown };
    const isOfSqlite =
      String(code).startsWith('SQLITE_') || (error instanceof TypeError && String(message).includes('not open'));
    throw isOfSqlite ? sqlFailure(error) : error;
  }
}

function inTransaction(): SqlFailure {
  return new SqlFailure(
    'This program has a transaction open on the same connection, so nothing could be made durable. Give rxforce a ' +
      'connection of its own. It is tried again.',
    { retriable: true },
  );
}
