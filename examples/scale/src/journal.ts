import Database from 'better-sqlite3';

/** A change of a record that a worker has written. */
export interface Written {
  readonly record: string;
  /** The number that the change gave to the record: it grows with each change of the record. */
  readonly value: number;
}

/** The database of the workers: the table of the accounts, and a list of all that was written, in its order. */
export function openDatabase(file: string): Database.Database {
  const database = new Database(file, { timeout: 5_000 });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec('CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY, record TEXT, value INTEGER)');
  return database;
}

/** Adds to the list. */
export function note(database: Database.Database, { record, value }: Written): void {
  database.prepare('INSERT INTO journal (record, value) VALUES (?, ?)').run(record, value);
}

/** How the list of what was written compares to the changes that were made. */
export interface Account {
  /** Changes that were never written. */
  readonly lost: number;
  /** Changes that were written before an earlier change of their record. */
  readonly skipped: number;
  /** Changes that were written more than once. */
  readonly again: number;
  /** Changes that were written when a later one of their record was written already: the table must refuse these. */
  readonly late: number;
}

/**
 * Compares the list with the changes that were made.
 *
 * @param made - The numbers that each record was given, in order.
 */
export function account(database: Database.Database, made: ReadonlyMap<string, readonly number[]>): Account {
  const written = database.prepare('SELECT record, value FROM journal ORDER BY number').all() as readonly Written[];
  const done = new Map<string, Set<number>>();
  let [skipped, again, late] = [0, 0, 0];
  for (const { record, value } of written) {
    const values = done.get(record) ?? new Set<number>();
    done.set(record, values);
    const before = made.get(record)?.filter((each) => each < value) ?? [];
    if (!before.every((each) => values.has(each))) skipped++;
    if (values.has(value)) again++;
    if (Math.max(...values) > value) late++;
    values.add(value);
  }
  const all = [...made].flatMap(([record, values]) => values.map((value) => ({ record, value })));
  return { lost: all.filter(({ record, value }) => !done.get(record)?.has(value)).length, skipped, again, late };
}

/** The records whose row in the table of accounts does not have the last number that they were given. */
export function wrongRows(
  database: Database.Database,
  made: ReadonlyMap<string, readonly number[]>,
): readonly string[] {
  const rows = database.prepare('SELECT id, number_of_employees AS value FROM account').all();
  const table = new Map((rows as readonly { id: string; value: number }[]).map(({ id, value }) => [id, value]));
  return [...made].filter(([id, values]) => table.get(id) !== values.at(-1)).map(([id]) => id);
}
