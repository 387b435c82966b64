import { arrayLiteral } from '../engine/array-literal.js';
import { quoted, type Dialect, type Row, type SqlValue, type Statement, type Work } from '../engine/database.js';
import type { MirrorTable } from './mirror-table.js';
import { OWN_COLUMNS } from './own-columns.js';
import { parseState } from './record-state.js';
import type { StoredRow } from './row-fold.js';
import type { TableName } from '../engine/table-name.js';

/** A row to write: its own columns and those of fields, by name. */
export interface WrittenRow {
  readonly id: string;
  readonly values: ReadonlyMap<string, SqlValue>;
}

/** Another process has inserted a row since it was looked for. The transaction must be made again. */
export class RowsMoved extends Error {
  override readonly name = 'RowsMoved';
}

/** The types of the arrays of `id` and the `rx_` columns in PostgreSQL. */
const OWN_TYPES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(OWN_COLUMNS.postgres).map(([name, type]) => [name, type.replace(/ .*/, '')]),
);

const STATE_COLUMNS =
  '"id", CAST("rx_commit_ms" AS text) AS ms, CAST("rx_commit_number" AS text) AS number, ' +
  'CAST("rx_sequence" AS text) AS sequence, "rx_complete" AS complete, "rx_state" AS state';

/** Reads and writes the rows of a table. */
export class MirrorRows {
  constructor(
    private readonly dialect: Dialect,
    private readonly name: TableName,
    private readonly table: Pick<MirrorTable, 'typeOf'>,
  ) {}

  /** Keeps other processes from writing rows until the transaction ends. In SQLite, every transaction does. */
  *lockTable(): Work<void> {
    if (this.dialect === 'sqlite') return;
    yield { sql: 'SELECT pg_advisory_xact_lock(hashtext($1))', values: [`rxforce rows ${this.name.sql}`] };
  }

  /** Reads rows, and keeps others from writing them until the transaction ends. */
  *load(ids: readonly string[]): Work<Map<string, StoredRow>> {
    const locked = this.dialect === 'postgres' ? ' ORDER BY "id" FOR UPDATE' : '';
    const rows = yield* this.byIds(STATE_COLUMNS, ids, locked);
    return new Map(rows.map((row) => [String(row.id), storedRow(row)]));
  }

  /** Reads some columns of rows that were loaded. */
  *texts(ids: readonly string[], columns: readonly string[]): Work<Map<string, Row>> {
    const rows = yield* this.byIds(`"id", ${columns.map(quoted).join(', ')}`, ids, '');
    return new Map(rows.map((row) => [String(row.id), row]));
  }

  /**
   * Inserts rows.
   *
   * @throws `RowsMoved` when one is there, because another process was faster.
   */
  *insert(rows: readonly WrittenRow[]): Work<void> {
    for (const [columns, group] of grouped(rows)) {
      const names = ['id', ...columns];
      const into = `INSERT INTO ${this.name.sql} (${names.map(quoted).join(', ')})`;
      if (this.dialect === 'sqlite') {
        yield { sql: `${into} VALUES (${placeholders(names)})`, each: group.map((row) => valuesOf(row, columns)) };
        continue;
      }
      const end = ' ON CONFLICT ("id") DO NOTHING RETURNING 1';
      const inserted = yield this.fromArrays(`${into} SELECT * FROM`, end, group, columns);
      if (inserted.length < group.length) throw new RowsMoved();
    }
  }

  /** Changes rows that were loaded. */
  *update(rows: readonly WrittenRow[]): Work<void> {
    for (const [columns, group] of grouped(rows)) {
      if (this.dialect === 'sqlite') {
        const sets = columns.map((name, index) => `${quoted(name)} = $${index + 2}`).join(', ');
        const sql = `UPDATE ${this.name.sql} SET ${sets} WHERE "id" = $1`;
        yield { sql, each: group.map((row) => valuesOf(row, columns)) };
      } else {
        const names = ['id', ...columns].map(quoted).join(', ');
        const sets = columns.map((name) => `${quoted(name)} = v.${quoted(name)}`).join(', ');
        yield this.fromArrays(
          `UPDATE ${this.name.sql} AS t SET ${sets} FROM`,
          ` AS v(${names}) WHERE t."id" = v."id"`,
          group,
          columns,
        );
      }
    }
  }

  /** Deletes rows. */
  *delete(ids: readonly string[]): Work<void> {
    if (ids.length === 0) return;
    if (this.dialect === 'sqlite') {
      yield { sql: `DELETE FROM ${this.name.sql} WHERE "id" = $1`, each: ids.map((id) => [id]) };
    } else {
      yield { sql: `DELETE FROM ${this.name.sql} WHERE "id" = ANY($1::text[])`, values: [ids] };
    }
  }

  /** The ids of rows that are there and were not seen since a time, after an id, in order. */
  *unseen(before: string, after: string, most: number): Work<readonly string[]> {
    const time = this.dialect === 'postgres' ? '$1::timestamptz' : '$1';
    const rows = yield {
      sql:
        `SELECT "id" FROM ${this.name.sql} WHERE "id" > $2 AND ("rx_seen_at" IS NULL OR "rx_seen_at" < ${time}) ` +
        'AND NOT "rx_deleted" ORDER BY "id" LIMIT $3',
      values: [before, after, most],
    };
    return rows.map(({ id }) => String(id));
  }

  /** Deletes the rows that were seen last before a time. */
  *forget(before: string): Work<void> {
    const time = this.dialect === 'postgres' ? '$1::timestamptz' : '$1';
    yield { sql: `DELETE FROM ${this.name.sql} WHERE "rx_seen_at" < ${time}`, values: [before] };
  }

  private *byIds(columns: string, ids: readonly string[], end: string): Work<readonly Row[]> {
    if (this.dialect === 'postgres') {
      return yield { sql: `SELECT ${columns} FROM ${this.name.sql} WHERE "id" = ANY($1::text[])${end}`, values: [ids] };
    }
    const sql = `SELECT ${columns} FROM ${this.name.sql} WHERE "id" IN (SELECT value FROM json_each($1))`;
    return yield { sql, values: [JSON.stringify(ids)] };
  }

  /** A statement of PostgreSQL over rows that come as an array for each column. */
  private fromArrays(begin: string, end: string, rows: readonly WrittenRow[], columns: readonly string[]): Statement {
    const names = ['id', ...columns];
    const arrays = names.map((name, index) => `$${index + 1}::${this.typeOf(name)}[]`).join(', ');
    return {
      sql: `${begin} unnest(${arrays})${end}`,
      values: names.map((name) => arrayLiteral(rows.map((row) => (name === 'id' ? row.id : row.values.get(name))))),
    };
  }

  private typeOf(name: string): string {
    return OWN_TYPES[name] ?? this.table.typeOf(name);
  }
}

function storedRow(row: Row): StoredRow {
  const newest = {
    ms: Number(row.ms ?? 0),
    number: BigInt((row.number as string | null) ?? 0),
    sequence: Number(row.sequence ?? 0),
  };
  const hasVersion = row.ms !== null;
  return {
    // A row of before the mirror, which any change replaces.
    state: hasVersion ? parseState(row.state as string | null, newest) : { swept: false, fields: new Map() },
    complete: Boolean(row.complete),
  };
}

type Group = readonly [columns: readonly string[], rows: WrittenRow[]];

/** Rows by their columns: each list of columns is a statement. Columns come in the order of the schema. */
function grouped(rows: readonly WrittenRow[]): Iterable<readonly [readonly string[], readonly WrittenRow[]]> {
  const groups = new Map<string, Group>();
  let last: Group | undefined;
  for (const row of rows) {
    // Neighbours mostly have the same columns, and a key takes longer to make than to compare them.
    if (last === undefined || !hasColumns(row, last[0])) {
      const columns = [...row.values.keys()];
      const key = columns.join('\0');
      last = groups.get(key) ?? [columns, []];
      groups.set(key, last);
    }
    last[1].push(row);
  }
  return groups.values();
}

function hasColumns({ values }: WrittenRow, columns: readonly string[]): boolean {
  if (values.size !== columns.length) return false;
  let index = 0;
  for (const name of values.keys()) if (name !== columns[index++]) return false;
  return true;
}

function valuesOf({ id, values }: WrittenRow, columns: readonly string[]): SqlValue[] {
  return [id, ...columns.map((name) => values.get(name) ?? null)];
}

function placeholders(names: readonly string[]): string {
  return names.map((_name, index) => `$${index + 1}`).join(', ');
}
