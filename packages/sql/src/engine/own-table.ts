import { SqlFailure } from './sql-failure.js';
import type { Dialect, SqlDatabase, Work } from './database.js';
import { OpenedDatabase, type SqlSource } from './open-database.js';

/**
 * The time of the database's clock, in epoch milliseconds, as SQL has it. Only one clock measures how old a claim is.
 */
export const NOW_MS: Readonly<Record<Dialect, string>> = {
  postgres: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)',
  sqlite: "CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)",
};

/** A table that rxforce makes for itself when it first uses it. */
export class OwnTable {
  private readonly database: OpenedDatabase;
  private making: Promise<void> | undefined;

  /**
   * @param definition - The statements that make the table, where it is missing.
   * @throws `ConfigurationError` when the source is no database.
   */
  constructor(
    source: SqlSource,
    private readonly definition: (dialect: Dialect) => readonly string[],
  ) {
    this.database = new OpenedDatabase(source);
  }

  /** Runs statements in one transaction. Rejects with a `SqlFailure`, or with what the work throws. */
  async transaction<T>(work: (dialect: Dialect) => Work<T>): Promise<T> {
    const database = await this.database.opened();
    this.making ??= this.make(database);
    await this.making;
    try {
      return await database.transaction(() => work(database.dialect));
    } catch (error) {
      // The table may have been dropped.
      if (error instanceof SqlFailure) this.making = undefined;
      throw error;
    }
  }

  /** Closes connections that were made here. Never rejects. */
  close(): Promise<void> {
    return this.database.close();
  }

  private async make(database: SqlDatabase): Promise<void> {
    const statements = this.definition(database.dialect);
    try {
      await database.transaction(function* () {
        // Two processes that make a table at the same time would fail, in spite of IF NOT EXISTS.
        if (database.dialect === 'postgres') {
          yield { sql: 'SELECT pg_advisory_xact_lock(hashtext($1))', values: ['rxforce tables'] };
        }
        for (const sql of statements) yield { sql };
      });
    } catch (error) {
      this.making = undefined;
      throw error;
    }
  }
}

/** The text that `keyText` was made of. */
export function textOfKey(stored: unknown): string {
  return JSON.parse(`"${String(stored)}"`) as string;
}

/** A text as a key of a table. PostgreSQL takes no NUL, and UTF-8 has no lone surrogates. */
export function keyText(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\ufffd', '\\ufffd');
}
