import { ConfigurationError } from '@rxforce/core/model';
import type { Row, SqlDatabase, Statement, Work } from './database.js';
import { SqlFailure, sqlFailure } from './sql-failure.js';

/** What this package needs of a `Pool` of pg. */
export interface PgPool {
  /** Takes a connection out of the pool. */
  connect(): Promise<PgConnection>;
  /** Closes the pool. */
  end(): Promise<void>;
  /** As of any event emitter. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** As of any event emitter. */
  listenerCount(event: 'error'): number;
}

/** What this package needs of a connection out of a `Pool`. */
export interface PgConnection {
  /** Runs one statement. */
  query(query: { readonly text: string; readonly values: unknown[] }): Promise<{ readonly rows: unknown[] }>;
  /** Gives the connection back; with an error, it is closed. */
  release(error?: Error | boolean): void;
  /** As of any event emitter. */
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** As of any event emitter. */
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** What the error of a broken connection is for: the statement under way has it, too. */
const nothing = () => undefined;

/** @param isOwn - Whether the pool was made here, and is closed here. */
export function postgresDatabase(pool: PgPool, isOwn: boolean): SqlDatabase {
  // Without a listener, the loss of an idle connection would end the process.
  if (pool.listenerCount('error') === 0) pool.on('error', nothing);
  return {
    dialect: 'postgres',
    transaction: (work) => transaction(pool, work),
    close: async () => {
      if (isOwn) await pool.end().catch(nothing);
    },
  };
}

async function transaction<T>(pool: PgPool, work: () => Work<T>): Promise<T> {
  const connection = await connected(pool);
  connection.on('error', nothing);
  let broken: Error | undefined;
  try {
    await ask(connection, { sql: 'BEGIN' });
    const result = await through(connection, work());
    await ask(connection, { sql: 'COMMIT' });
    return result;
  } catch (error) {
    broken = await rolledBack(connection);
    throw error;
  } finally {
    connection.off('error', nothing);
    connection.release(broken);
  }
}

async function connected(pool: PgPool): Promise<PgConnection> {
  let connection: PgConnection | undefined;
  try {
    connection = await pool.connect();
  } catch (error) {
    throw sqlFailure(error);
  }
  // The connect() of a Client resolves with nothing.
  if (typeof (connection as Partial<PgConnection> | undefined)?.release === 'function') return connection;
  throw new ConfigurationError('The database is a Client of pg, but must be a Pool: new Pool({ … }).');
}

async function through<T>(connection: PgConnection, work: Work<T>): Promise<T> {
  let step = work.next();
  while (step.done !== true) step = work.next(await ask(connection, step.value));
  return step.value;
}

async function ask(connection: PgConnection, { sql, values = [] }: Statement): Promise<readonly Row[]> {
  try {
    return (await connection.query({ text: sql, values: [...values] })).rows as Row[];
  } catch (error) {
    throw sqlFailure(error);
  }
}

/** The error with which the connection is closed, where it does not even roll back. */
async function rolledBack(connection: PgConnection): Promise<Error | undefined> {
  try {
    await ask(connection, { sql: 'ROLLBACK' });
    return undefined;
  } catch (error) {
    return error instanceof SqlFailure ? error : new Error('ROLLBACK failed.');
  }
}
