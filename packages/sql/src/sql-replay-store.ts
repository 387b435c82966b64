import { randomUUID } from 'node:crypto';
import type { PositionKey, PositionLock, ReplayStore, StreamPosition } from '@rxforce/core';
import { checkFence, LONGEST_TIMER_MS, outdatedFence, wholeNumber } from '@rxforce/core/internal';
import { checkOptionNames, PositionInUseError, ReplayId, ReplayStoreError } from '@rxforce/core/model';
import { oneStatement, type Dialect, type Row, type Work } from './engine/database.js';
import type { SqlSource } from './engine/open-database.js';
import { keyText, NOW_MS, OwnTable, textOfKey } from './engine/own-table.js';
import { SqlFailure } from './engine/sql-failure.js';
import { tableName, type TableName } from './engine/table-name.js';
import { damaged, lost } from './replay-store-errors.js';

/** How a `sqlReplayStore` keeps positions. */
export interface SqlReplayStoreOptions {
  /**
   * The table: `rx_positions`, or `crm.rx_positions` for a schema, which must exist. It is made where it is missing.
   *
   * @defaultValue `'rx_positions'`
   */
  readonly table?: string;
  /**
   * How long a position stays locked after the process that locked it has died, in milliseconds, from 100.
   * Subscriptions with a lease do not lock.
   *
   * @defaultValue 30_000
   */
  readonly lockTtlMs?: number;
}

/** Positions in a database. */
export interface SqlReplayStore extends ReplayStore {
  lock(key: PositionKey): Promise<PositionLock>;
  list(of?: Partial<PositionKey>): Promise<readonly PositionKey[]>;
  delete(key: PositionKey): Promise<void>;
  /** Stops the renewal of locks, and closes connections that were made from a URL. Never rejects. */
  close(): Promise<void>;
}

/**
 * Keeps positions in PostgreSQL or SQLite: a row for each subscription.
 *
 * - Saving: one transaction. A position that was saved with a larger fencing token is never overwritten.
 * - Locks: without a lease, a lock keeps a second process from a position. It is a column of the row with a time, and
 *   no lock of the database: that would take a connection of its own for as long as the subscription lives, and be lost
 *   with it. After `lockTtlMs`, another process can replace one that died.
 * - Database away: every call rejects with a `ReplayStoreError`, which is retriable if the failure may be temporary.
 *
 * @param database - A `Pool` of pg or a `Database` of better-sqlite3, which the caller closes; or a URL.
 * @throws `ConfigurationError` when an option is not valid.
 */
export function sqlReplayStore(database: SqlSource, options: SqlReplayStoreOptions = {}): SqlReplayStore {
  return new StoreInSql(database, options);
}

const OPTION_NAMES: readonly string[] = Object.keys({
  table: true,
  lockTtlMs: true,
} satisfies Record<keyof SqlReplayStoreOptions, true>);

/** How many times a lock is renewed within its time to live. */
const RENEWALS = 3;
const BY_KEY = '"organization_id" = $1 AND "topic" = $2 AND "name" = $3';

/** The column of each part of a key. */
const COLUMNS: Readonly<Record<keyof PositionKey, string>> = {
  organizationId: 'organization_id',
  topic: 'topic',
  name: 'name',
};

interface HeldLock {
  readonly token: string;
  readonly timer: NodeJS.Timeout;
}

class StoreInSql implements SqlReplayStore {
  private readonly table: OwnTable;
  private readonly name: TableName;
  private readonly lockTtlMs: number;
  private readonly held = new Map<string, HeldLock>();
  /** Until when another process had a lock, when it was first seen, by its token. */
  private readonly firstSeen = new Map<string, number>();

  constructor(database: SqlSource, options: SqlReplayStoreOptions) {
    checkOptionNames(options, OPTION_NAMES, { of: 'sqlReplayStore()' });
    this.name = tableName('table', options.table ?? 'rx_positions');
    this.lockTtlMs = wholeNumber('lockTtlMs', options.lockTtlMs ?? 30_000, 100, LONGEST_TIMER_MS);
    this.table = new OwnTable(database, (dialect) => [definition(dialect, this.name.sql)]);
  }

  async load(key: PositionKey): Promise<StreamPosition | undefined> {
    const sql = `SELECT "kind", "position" FROM ${this.name.sql} WHERE ${BY_KEY}`;
    const [row] = await this.tried('Reading', key, () => oneStatement({ sql, values: keyOf(key) }));
    if (row === undefined || row.kind === null) return undefined;
    const position = positionIn(row);
    if (position === undefined) throw damaged(key, this.name.sql);
    return position;
  }

  async save(key: PositionKey, position: StreamPosition, fence?: number): Promise<void> {
    checkFence(key, fence);
    const token = fence === undefined ? this.held.get(idOf(key))?.token : undefined;
    const isId = ReplayId.is(position);
    const written = [isId ? 'id' : 'time', isId ? position.toString() : String(position.getTime())];
    const { sql } = this.name;
    const isLocked = token === undefined ? '' : 'AND t."lock_token" = $7';
    const statement =
      `INSERT INTO ${sql} AS t ("organization_id", "topic", "name", "kind", "position", "fence") ` +
      'VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT ("organization_id", "topic", "name") DO UPDATE SET ' +
      '"kind" = excluded."kind", "position" = excluded."position", "fence" = coalesce(excluded."fence", t."fence") ' +
      `WHERE coalesce(excluded."fence", t."fence", 0) >= coalesce(t."fence", 0) ${isLocked} RETURNING 1`;
    const values = [...keyOf(key), ...written, fence ?? null, ...(token === undefined ? [] : [token])];
    const rows = await this.tried('Saving', key, () => oneStatement({ sql: statement, values }));
    if (rows.length === 0) throw fence === undefined ? lost(key) : outdatedFence(key, fence);
  }

  async list(of: Partial<PositionKey> = {}): Promise<readonly PositionKey[]> {
    const given = Object.entries(COLUMNS).flatMap(([part, column]) => {
      const value = of[part as keyof PositionKey];
      return value === undefined ? [] : [{ column, value: keyText(value) }];
    });
    const where = ['"kind" IS NOT NULL', ...given.map(({ column }, index) => `"${column}" = $${index + 1}`)];
    const sql = `SELECT "organization_id", "topic", "name" FROM ${this.name.sql} WHERE ${where.join(' AND ')}`;
    const statement = { sql, values: given.map(({ value }) => value) };
    const rows = await this.tried('Listing', undefined, () => oneStatement(statement));
    return rows.map((row) => ({
      organizationId: textOfKey(row.organization_id),
      topic: textOfKey(row.topic),
      name: textOfKey(row.name),
    }));
  }

  async delete(key: PositionKey): Promise<void> {
    const token = this.held.get(idOf(key))?.token;
    const { sql } = this.name;
    // The row may have a lock, which stays.
    const emptied = 'SET "kind" = NULL, "position" = NULL, "fence" = NULL';
    const deleted = await this.tried('Deleting', key, function* (): Work<boolean> {
      const values = [...keyOf(key), ...(token === undefined ? [] : [token])];
      const isLocked = token === undefined ? '' : ' AND "lock_token" = $4';
      const rows = yield { sql: `UPDATE ${sql} ${emptied} WHERE ${BY_KEY}${isLocked} RETURNING 1`, values };
      return rows.length > 0 || token === undefined;
    });
    if (!deleted) throw lost(key);
  }

  async lock(key: PositionKey): Promise<PositionLock> {
    const token = randomUUID();
    const { sql } = this.name;
    const { lockTtlMs } = this;
    const other = await this.tried('Locking', key, function* (dialect): Work<Row | undefined> {
      const locked = yield {
        sql:
          `INSERT INTO ${sql} AS t ("organization_id", "topic", "name", "lock_token", "lock_until") ` +
          `VALUES ($1, $2, $3, $4, ${NOW_MS[dialect]} + $5) ON CONFLICT ("organization_id", "topic", "name") DO UPDATE SET ` +
          '"lock_token" = excluded."lock_token", "lock_until" = excluded."lock_until" ' +
          `WHERE t."lock_token" IS NULL OR t."lock_until" <= ${NOW_MS[dialect]} RETURNING 1`,
        values: [...keyOf(key), token, lockTtlMs],
      };
      if (locked.length > 0) return undefined;
      const [row] = yield { sql: `SELECT "lock_token", "lock_until" FROM ${sql} WHERE ${BY_KEY}`, values: keyOf(key) };
      return row;
    });
    if (other !== undefined) throw this.inUse(key, other);
    return this.keep(key, token);
  }

  async close(): Promise<void> {
    this.held.forEach(({ timer }) => clearInterval(timer));
    await this.table.close();
  }

  private keep(key: PositionKey, token: string): PositionLock {
    const timer = setInterval(() => void this.renew(key, token), Math.ceil(this.lockTtlMs / RENEWALS)).unref();
    this.held.set(idOf(key), { token, timer });
    return { release: () => this.release(key, token) };
  }

  /** A renewal that fails is made again; the next save reports a lock that was lost. */
  private async renew(key: PositionKey, token: string): Promise<void> {
    const { sql } = this.name;
    const values = [...keyOf(key), token, this.lockTtlMs];
    const work = (dialect: Dialect) => {
      const until = `${NOW_MS[dialect]} + $5`;
      return oneStatement({
        sql: `UPDATE ${sql} SET "lock_until" = ${until} WHERE ${BY_KEY} AND "lock_token" = $4`,
        values,
      });
    };
    await this.tried('Locking', key, work).catch(() => undefined);
  }

  private async release(key: PositionKey, token: string): Promise<void> {
    const held = this.held.get(idOf(key));
    if (held?.token === token) {
      clearInterval(held.timer);
      this.held.delete(idOf(key));
    }
    const sql = `UPDATE ${this.name.sql} SET "lock_token" = NULL WHERE ${BY_KEY} AND "lock_token" = $4`;
    await this.tried('Unlocking', key, () => oneStatement({ sql, values: [...keyOf(key), token] }));
  }

  /** Retriable while the other process may be dead. */
  private inUse({ topic, name, ...rest }: PositionKey, row: Row): PositionInUseError {
    const token = String(row.lock_token);
    const until = Number(row.lock_until);
    const first = this.firstSeen.get(token);
    if (first === undefined) this.firstSeen.clear();
    this.firstSeen.set(token, first ?? until);
    const isAlive =
      (first !== undefined && until > first) || this.held.get(idOf({ ...rest, topic, name }))?.token === token;
    return new PositionInUseError(
      `The position "${name}" of ${topic} is locked by another process, or another store of this one. Two would overwrite ` +
        `each other's position and lose events: give each consumer a name of its own. A process that died is succeeded ` +
        `after ${this.lockTtlMs} ms.`,
      { topic, retriable: !isAlive },
    );
  }

  private async tried<T>(what: string, key: PositionKey | undefined, work: (dialect: Dialect) => Work<T>): Promise<T> {
    try {
      return await this.table.transaction(work);
    } catch (error) {
      if (!(error instanceof SqlFailure)) throw error;
      const { message, retriable, cause } = error;
      const of = key ? `the position "${key.name}" of ${key.topic}` : 'the positions';
      const said = `${what} ${of} in ${this.name.sql} failed: ${message}`;
      throw new ReplayStoreError(said, { ...(key && { topic: key.topic }), retriable, cause });
    }
  }
}

function definition(dialect: Dialect, sql: string): string {
  const bigint = dialect === 'postgres' ? 'bigint' : 'INTEGER';
  return (
    `CREATE TABLE IF NOT EXISTS ${sql} ("organization_id" text NOT NULL, "topic" text NOT NULL, "name" text NOT NULL, ` +
    `"kind" text, "position" text, "fence" ${bigint}, "lock_token" text, "lock_until" ${bigint}, ` +
    'PRIMARY KEY ("organization_id", "topic", "name"))'
  );
}

function keyOf({ organizationId, topic, name }: PositionKey): string[] {
  return [organizationId, topic, name].map(keyText);
}

function idOf(key: PositionKey): string {
  return JSON.stringify(keyOf(key));
}

function positionIn({ kind, position }: Row): StreamPosition | undefined {
  const text = String(position);
  if (kind === 'time') {
    const date = new Date(/^-?\d{1,16}$/.test(text) ? Number(text) : NaN);
    return Number.isNaN(date.getTime()) ? undefined : date;
  }
  const bytes = Buffer.from(text, 'base64');
  return kind === 'id' && bytes.length > 0 && bytes.toString('base64') === text ? ReplayId.fromBytes(bytes) : undefined;
}
