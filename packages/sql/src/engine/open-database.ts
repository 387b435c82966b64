import { ConfigurationError, kindOf } from '@rxforce/core/model';
import type { SqlDatabase, Work } from './database.js';
import { postgresDatabase, type PgPool } from './postgres.js';
import { sqlFailure } from './sql-failure.js';
import { sqliteDatabase, type SqliteConnection } from './sqlite.js';

/**
 * A database: a `Pool` of pg or a `Database` of better-sqlite3, which the caller closes; or a URL, such as
 * `'postgres://user:password@host/name'`, `'sqlite:./crm.db'`, or `':memory:'` for SQLite in memory. Mirrors of a
 * process with the same URL of PostgreSQL share one pool, which is closed with the last of them. Stores of positions
 * and queues have pools of their own: a lock that waits for the writes of a mirror would be lost.
 */
export type SqlSource = PgPool | SqliteConnection | string;

/** Loads a library. */
type LoadLibrary = (name: string) => Promise<unknown>;

/** How a database is opened. */
export interface OpenOptions {
  /** Whether it may wait for others: then it has one pool with all of its URL that may. Default: false. */
  readonly sharesPool?: boolean;
  /** Loads a library; an option so that tests can do without one. */
  readonly load?: LoadLibrary;
}

/** How long a connection that was made here waits for a lock of SQLite: nothing else runs meanwhile. */
const BUSY_TIMEOUT_MS = 2_000;
/** How long a pool that was made here waits for a connection. */
const CONNECT_TIMEOUT_MS = 10_000;
/** How long a pool that was made here waits for the answer to a statement. */
const QUERY_TIMEOUT_MS = 60_000;

const FORMS =
  "a Pool of pg, a Database of better-sqlite3, 'postgres://user:password@host/name', 'sqlite:./file.db' or ':memory:'";

/** Opens a database when it is first used. A failure to open it is no lasting one: the next use tries again. */
export class OpenedDatabase {
  private opening: Promise<SqlDatabase> | undefined;
  private isClosed = false;
  /** Hidden from `inspect`, unlike a private member of TypeScript: a URL may have a password. */
  // eslint-disable-next-line no-restricted-syntax -- It may have a password.
  readonly #source: SqlSource;

  /** @throws `ConfigurationError` when it is no database. */
  constructor(
    source: SqlSource,
    private readonly options: OpenOptions = {},
  ) {
    this.#source = checkedSource(source);
  }

  /** As of `SqlDatabase`. */
  async transaction<T>(work: (database: SqlDatabase) => Work<T>): Promise<T> {
    const database = await this.opened();
    return database.transaction(() => work(database));
  }

  /** The database itself. */
  async opened(): Promise<SqlDatabase> {
    if (this.isClosed) throw sqlFailure(new Error('Cannot use it after calling end on the pool'));
    this.opening ??= open(this.#source, this.options).catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  /** Closes a database that was opened from a URL, unless others use it. Never rejects. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.opening?.then(
      (database) => database.close(),
      () => undefined,
    );
  }
}

async function open(source: SqlSource, options: OpenOptions): Promise<SqlDatabase> {
  const { sharesPool = false, load = (name) => import(name) } = options;
  if (typeof source !== 'string') {
    return isSqlite(source) ? sqliteDatabase(source, false) : postgresDatabase(source, false);
  }
  if (!isPostgresUrl(source)) return ownSqlite(source, load);
  const make = await poolMaker(source, load);
  return sharesPool ? sharedPostgres(source, make) : postgresDatabase(make(), true);
}

/** Pools that are shared, by their URL, and how many use each. */
const pools = new Map<string, { readonly pool: PgPool; users: number }>();

/** A pool for all that share it: servers have few connections, and a sink has a mirror for each of its objects. */
function sharedPostgres(url: string, make: () => PgPool): SqlDatabase {
  const shared = pools.get(url) ?? { pool: make(), users: 0 };
  pools.set(url, shared);
  shared.users += 1;
  const database = postgresDatabase(shared.pool, true);
  return {
    ...database,
    close: async () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      pools.delete(url);
      await database.close();
    },
  };
}

async function poolMaker(url: string, load: LoadLibrary): Promise<() => PgPool> {
  type PoolClass = new (options: object) => PgPool;
  const { Pool } = await loaded<{ readonly Pool: PoolClass }>('pg', load);
  return () => new Pool(poolOptions(url));
}

function poolOptions(connectionString: string): object {
  return {
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  };
}

async function ownSqlite(url: string, load: LoadLibrary): Promise<SqlDatabase> {
  type DatabaseClass = new (path: string, options: object) => SqliteConnection;
  const Database = await loaded<DatabaseClass>('better-sqlite3', load);
  try {
    const connection = new Database(url.replace(/^sqlite:(\/\/)?/, ''), { timeout: BUSY_TIMEOUT_MS });
    connection.pragma('journal_mode = WAL');
    // With WAL, a commit survives a loss of power only with FULL.
    connection.pragma('synchronous = FULL');
    return sqliteDatabase(connection, true);
  } catch (error) {
    throw sqlFailure(error);
  }
}

async function loaded<T>(name: string, load: LoadLibrary): Promise<T> {
  try {
    const { default: value } = (await load(name)) as { readonly default: T };
    return value;
  } catch (cause) {
    throw new ConfigurationError(`@rxforce/sql needs the library "${name}" for this database: npm install ${name}`, {
      cause,
    });
  }
}

function checkedSource(source: unknown): SqlSource {
  if (typeof source === 'string') {
    if (isPostgresUrl(source) || /^(sqlite:.|:memory:$)/.test(source)) return source;
    // The text is left out of the message: it may have a password.
    throw new ConfigurationError(`database is a text, but none that says which database. Give ${FORMS}.`);
  }
  const { prepare, connect } = Object(source) as { prepare?: unknown; connect?: unknown };
  if (typeof prepare === 'function' || typeof connect === 'function') return source as SqlSource;
  throw new ConfigurationError(`database is ${kindOf(source)}, but must be ${FORMS}.`);
}

function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text);
}

function isSqlite(source: PgPool | SqliteConnection): source is SqliteConnection {
  return 'prepare' in source;
}
