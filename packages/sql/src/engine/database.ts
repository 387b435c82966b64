/** A value in a statement. A time is a text. */
export type SqlValue = string | number | bigint | boolean | Uint8Array | null;

/** A row of a result. */
export type Row = Readonly<Record<string, unknown>>;

/** Which database it is. */
export type Dialect = 'postgres' | 'sqlite';

/** One statement. Its placeholders are `$1`, `$2`, …, with both databases. */
export interface Statement {
  readonly sql: string;
  /** The values of the placeholders. PostgreSQL takes arrays, too. */
  readonly values?: readonly (SqlValue | readonly SqlValue[])[];
  /** SQLite only: the statement runs once for each of these, and gives no rows. */
  readonly each?: readonly (readonly SqlValue[])[];
}

/**
 * The statements of a transaction, each given the rows of the one before. A generator instead of an async function, so
 * that SQLite runs it without a pause: nothing else on the same connection may come between its statements.
 */
export type Work<T> = Generator<Statement, T, readonly Row[]>;

/** A database, whatever its kind. */
export interface SqlDatabase {
  readonly dialect: Dialect;
  /**
   * Runs statements in one transaction, which is committed when this resolves. Rejects with a `SqlFailure` when the
   * database fails, or with what the work throws; nothing was written then, except where the answer to COMMIT was lost.
   */
  transaction<T>(work: () => Work<T>): Promise<T>;
  /** Closes the connections, if they were made here. Never rejects. */
  close(): Promise<void>;
}

/** The work of one statement: its rows. */
export function* oneStatement(statement: Statement): Work<readonly Row[]> {
  return yield statement;
}

/** Quotes the name of a table or column. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
