import { lookAt } from './mirror/look-at.js';
import type { ChangeEvent } from '@rxforce/core';
import { ConfigurationError, SinkError, type SinkErrorDetails } from '@rxforce/core/model';
import { OpenedDatabase } from './engine/open-database.js';
import { SqlFailure } from './engine/sql-failure.js';
import type { SqlDatabase, Work } from './engine/database.js';
import { mismatch } from './mirror/apply-event.js';
import { columnsOf, type MirrorColumn, type MirrorFields } from './mirror/mirror-columns.js';
import { MirrorRows, RowsMoved } from './mirror/mirror-rows.js';
import { MirrorSchemas } from './mirror/mirror-schemas.js';
import { resolveMirrorOptions, type SqlMirrorOptions } from './mirror/mirror-options.js';
import { MirrorTable } from './mirror/mirror-table.js';
import { sweepRows, writeEvents, type ReadEvent, type RowTargets } from './mirror/write-events.js';

/** The records of an object, in a table. */
export interface SqlMirror<T = Record<string, unknown>> {
  /**
   * Writes an event, or a batch of them, in one transaction: all or none. A function of its own, to be passed to
   * `handle` or `retryWithDLQ`.
   *
   * Rejects with a `SinkError` when the database fails, or cannot hold a value; with a `ChangeMismatchError` for an
   * event that does not say what changed, or a text diff that does not fit; and with the client's error when a schema
   * cannot be had.
   */
  readonly write: (events: ChangeEvent<T> | readonly ChangeEvent<T>[]) => Promise<void>;
  /**
   * Marks or deletes the rows that were not seen since a time: after a snapshot that began then, their records are
   * gone. Resolves with their number. A function of its own, to be passed as `onRead` of `records()`.
   *
   * @param entity - The object that was read: that of this mirror.
   * @param startedAt - When the snapshot began, by the clock of a process that writes; in epoch milliseconds, if it is
   * a number.
   */
  readonly sweep: (entity: string, startedAt: Date | number) => Promise<number>;
  /**
   * Looks whether the table can be written, or made where it is missing. It writes nothing. Rejects with a `SinkError`
   * that says what to do.
   */
  check(): Promise<void>;
  /** Closes the connections, if they were made from a URL. Never rejects. */
  close(): Promise<void>;
}

/** How often a transaction is made again where another process was faster. */
const ATTEMPTS = 10;
/** Rows swept in one transaction. */
const SWEPT_AT_ONCE = 500;
/** How long the ids of deleted records are kept, where rows are deleted. */
const TOMBSTONE_MS = 30 * 86_400_000;

/**
 * Mirrors the records of an object into a table of PostgreSQL or SQLite.
 *
 * - Order: changes may come late, repeatedly and in any order. Each field has the value of its newest change, by
 *   `commitTimestamp`, `commitNumber` and `sequenceNumber`. `rx_state` keeps the age of each field for that.
 * - Whole and partial rows: a row is `rx_complete` once its whole record was written, by a CREATE, an UNDELETE or a
 *   SNAPSHOT. A row that was made from an UPDATE has only what the UPDATE said, and is not.
 * - Snapshots: a row that was read is never older than the changes 8 s before its SystemModstamp, so a change that was
 *   committed later than that is applied after it, and its fields are kept when the row comes after the change.
 * - Gaps: put `resolveGaps` before it. A gap that comes here is a `ChangeMismatchError`.
 * - Memory: one batch, its rows, and the columns of the schemas.
 *
 * @throws `ConfigurationError` when an option is not valid.
 */
export function sqlMirror<T = Record<string, unknown>>(options: SqlMirrorOptions): SqlMirror<T> {
  const mirror = new Mirror(options);
  return {
    write: (events) => mirror.write((Array.isArray(events) ? events : [events]) as readonly ChangeEvent[]),
    sweep: (entity, startedAt) => mirror.sweep(entity, startedAt),
    check: () => mirror.look(),
    close: () => mirror.close(),
  };
}

class Mirror {
  private readonly options: ReturnType<typeof resolveMirrorOptions>;
  private readonly database: OpenedDatabase;
  private readonly schemas: MirrorSchemas;
  private readonly table: MirrorTable;
  /** The schemas whose columns the table is known to have. */
  private readonly prepared = new Map<string, Promise<void>>();

  constructor(options: SqlMirrorOptions) {
    this.options = resolveMirrorOptions(options);
    const { database, client, nameOf, name, tombstones, columns } = this.options;
    this.database = new OpenedDatabase(database, { sharesPool: true });
    this.schemas = new MirrorSchemas(client, nameOf);
    this.table = new MirrorTable(name, tombstones, columns);
  }

  async write(events: readonly ChangeEvent[]): Promise<void> {
    if (events.length === 0) return;
    events.forEach((event) => this.check(event));
    const read = await this.read(events);
    await this.transact('Writing to', (targets) => writeEvents(read, targets));
  }

  async sweep(entity: string, startedAt: Date | number): Promise<number> {
    const { name, clockToleranceMs } = this.options;
    if (entity !== this.options.entity) throw this.otherEntity(`sweep() got ${entity}`);
    const before = new Date(Number(startedAt) - clockToleranceMs);
    if (Number.isNaN(before.getTime())) throw new ConfigurationError(`sweep() of ${name.sql} got no time.`);
    await this.prepare('', () => []);
    let count = 0;
    for (let after: string | undefined = ''; after !== undefined;) {
      const page: readonly string[] = await this.transact('Sweeping', function* (targets) {
        const ids = yield* targets.rows.unseen(before.toISOString(), after ?? '', SWEPT_AT_ONCE);
        yield* sweepRows(ids, targets);
        return ids;
      });
      count += page.length;
      after = page.length < SWEPT_AT_ONCE ? undefined : page.at(-1);
    }
    await this.forgetTombstones();
    return count;
  }

  async look(): Promise<void> {
    const { name } = this.options;
    const row = await this.tried('Looking at', (database) =>
      database.transaction(() => lookAt(database.dialect, name)),
    );
    if (row.may_write !== false) return;
    throw this.failed(
      'Looking at',
      'this user may not write it. Grant INSERT and UPDATE on it, or CREATE on its schema',
      { retriable: false },
    );
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private check(event: ChangeEvent): void {
    const { entityName, recordIds, changeType } = event.header;
    if (entityName !== this.options.entity) throw this.otherEntity(`an event of ${entityName} came`);
    if (changeType !== 'GAP_OVERFLOW' && !recordIds.some((id) => id.endsWith('*'))) return;
    throw mismatch(event, 'it is about all records and names none. Put resolveGaps() before sqlMirror()');
  }

  private otherEntity(what: string): ConfigurationError {
    return new ConfigurationError(
      `This sqlMirror() is for ${this.options.entity}, but ${what}. Give each object a mirror of its own.`,
    );
  }

  /** Most events of a batch have one schema. */
  private async read(events: readonly ChangeEvent[]): Promise<readonly ReadEvent[]> {
    const ids = [...new Set(events.map(({ schemaId }) => schemaId))];
    const known = new Map<string, MirrorFields>();
    await Promise.all(ids.map(async (id) => known.set(id, await this.fieldsOf(id))));
    return events.flatMap((event) => {
      const fields = known.get(event.schemaId);
      return fields === undefined ? [] : [{ event, fields }];
    });
  }

  private async fieldsOf(schemaId: string) {
    const fields = await this.schemas.fieldsOf(schemaId);
    await this.prepare(schemaId, () => columnsOf(fields));
    return fields;
  }

  /** Makes the table ready for the events of a schema, once. */
  private prepare(schemaId: string, columns: () => readonly MirrorColumn[]): Promise<void> {
    let preparing = this.prepared.get(schemaId);
    if (preparing === undefined) {
      preparing = this.tried('Preparing', (database) => this.table.prepare(database, columns()));
      this.prepared.set(schemaId, preparing);
      preparing.catch(() => this.prepared.delete(schemaId));
    }
    return preparing;
  }

  private async transact<T>(what: string, work: (targets: RowTargets) => Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.tried(what, (database) => database.transaction(() => work(this.targets(database))));
      } catch (error) {
        if (!(error instanceof RowsMoved)) throw error;
        if (attempt === ATTEMPTS) throw this.failed(what, 'other processes insert the same rows all the time');
      }
    }
  }

  /** Calls the database. A failure is a `SinkError`, and what is known of the table is looked up again after it. */
  private async tried<T>(what: string, call: (database: SqlDatabase) => Promise<T>): Promise<T> {
    try {
      return await call(await this.database.opened());
    } catch (error) {
      if (!(error instanceof SqlFailure)) throw error;
      this.prepared.clear();
      const { message, retriable, isOutage: outage, cause } = error;
      throw this.failed(what, message, { retriable, outage, cause });
    }
  }

  private failed(what: string, reason: string, details?: SinkErrorDetails): SinkError {
    return new SinkError(`${what} the table ${this.options.name.sql} failed: ${reason}`, details);
  }

  private targets({ dialect }: SqlDatabase): RowTargets {
    const { name, tombstones, scheduler } = this.options;
    return {
      dialect,
      table: this.table,
      rows: new MirrorRows(dialect, name, this.table),
      tombstones: tombstones && new MirrorRows(dialect, tombstones, this.table),
      seenAt: new Date(scheduler.now()).toISOString(),
    };
  }

  private async forgetTombstones(): Promise<void> {
    const before = new Date(this.options.scheduler.now() - TOMBSTONE_MS).toISOString();
    await this.transact('Sweeping', function* ({ tombstones }) {
      if (tombstones) yield* tombstones.forget(before);
    });
  }
}
