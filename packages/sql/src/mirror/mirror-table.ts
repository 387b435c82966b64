import { SinkError } from '@rxforce/core/model';
import { quoted, type Dialect, type SqlDatabase, type Work } from '../engine/database.js';
import { sqlType } from './column-values.js';
import type { ColumnKind, MirrorColumn } from './mirror-columns.js';
import { OWN_COLUMNS } from './own-columns.js';
import type { TableName } from '../engine/table-name.js';

/** What happens when an event has a field that the table has no column for. */
export type ColumnsPolicy = 'add' | 'ignore' | 'fail';

/** The columns of a table, by name, with the kind of their values; `undefined` for a type of another kind. */
type Found = ReadonlyMap<string, ColumnKind | undefined>;

/** The table of a mirror, as far as this process knows it. */
export class MirrorTable {
  /** The columns of fields that the table has. */
  private readonly known = new Map<string, ColumnKind>();

  constructor(
    private readonly name: TableName,
    /** The table of the ids of deleted records, where deleted rows are not kept. */
    private readonly tombstones: TableName | undefined,
    private readonly policy: ColumnsPolicy,
  ) {}

  /** The columns of fields that the table has. */
  get columns(): readonly string[] {
    return [...this.known.keys()];
  }

  /** The kind as which the values of a field are written; `undefined` where the table has no column for it. */
  kindFor({ column, kind }: MirrorColumn): ColumnKind | undefined {
    const has = this.known.get(column);
    return has && fitting(has, kind);
  }

  /** The type of a column in PostgreSQL. */
  typeOf(column: string): string {
    return sqlType('postgres', this.known.get(column) ?? 'text');
  }

  /**
   * Makes the table, and adds columns, where they are missing. Two processes may do so at the same time.
   *
   * @throws `SinkError` when columns are missing and must not be added, or one has another type.
   */
  async prepare(database: SqlDatabase, wanted: readonly MirrorColumn[]): Promise<void> {
    const found = await database.transaction(() => this.prepared(database.dialect, wanted));
    for (const { column, kind } of wanted) {
      const has = found.get(column);
      if (!found.has(column)) this.known.delete(column);
      else if (has === undefined || fitting(has, kind) === undefined) throw this.ofOtherType(column, kind, has);
      else this.known.set(column, has);
    }
  }

  private *prepared(dialect: Dialect, wanted: readonly MirrorColumn[]): Work<Found> {
    let found = yield* describedTable(dialect, this.name);
    if (this.lacks(found, wanted)) {
      yield* lock(dialect, this.name);
      found = yield* describedTable(dialect, this.name);
      yield* this.create(dialect, found, wanted);
      found = yield* describedTable(dialect, this.name);
    }
    if (this.tombstones) yield { sql: createSql(this.tombstones, OWN_COLUMNS[dialect]) };
    return found;
  }

  private lacks(found: Found, wanted: readonly MirrorColumn[]): boolean {
    if (found.size === 0 || Object.keys(OWN_COLUMNS.postgres).some((name) => !found.has(name))) return true;
    return this.policy !== 'ignore' && wanted.some(({ column }) => !found.has(column));
  }

  private *create(dialect: Dialect, found: Found, wanted: readonly MirrorColumn[]): Work<void> {
    const own = OWN_COLUMNS[dialect];
    const fields = Object.fromEntries(wanted.map(({ column, kind }) => [column, sqlType(dialect, kind)]));
    if (found.size === 0) {
      yield { sql: createSql(this.name, { ...own, ...fields }) };
      return;
    }
    const asked = this.policy === 'ignore' ? own : { ...own, ...fields };
    const missing = Object.entries(asked).filter(([name]) => !found.has(name));
    if (this.policy === 'fail' && missing.length > 0) throw this.missing(missing);
    if (!found.has('id')) throw this.withoutId();
    for (const [name, type] of missing) {
      yield { sql: `ALTER TABLE ${this.name.sql} ADD COLUMN ${quoted(name)} ${type}` };
    }
  }

  private ofOtherType(column: string, kind: ColumnKind, has: ColumnKind | undefined): SinkError {
    return new SinkError(
      `The column "${column}" of ${this.name.sql} holds ${has ?? 'values of another type'}, and its field is of the kind ` +
        `${kind}. Change the column to text, which holds both: ALTER TABLE … ALTER COLUMN … TYPE text; or drop it, and it ` +
        'is made anew.',
      { retriable: false },
    );
  }

  private missing(columns: readonly (readonly [name: string, type: string])[]): SinkError {
    const list = columns.map(([name, type]) => `${name} ${type}`).join(', ');
    return new SinkError(
      `The table ${this.name.sql} lacks columns, and sqlMirror() has columns: 'fail'. Add them: ${list}.`,
      { retriable: false },
    );
  }

  private withoutId(): SinkError {
    return new SinkError(
      `The table ${this.name.sql} has no column "id", so it is no mirror. Give sqlMirror() another \`table\`.`,
      { retriable: false },
    );
  }
}

/** Kinds whose values are texts. */
const TEXTUAL: readonly ColumnKind[] = ['timestamp', 'date', 'time', 'json'];

/** The kind as which a column of one kind takes values of another; `undefined` where it does not. */
function fitting(has: ColumnKind, wanted: ColumnKind): ColumnKind | undefined {
  if (has === wanted) return has;
  // A text can hold everything.
  if (has === 'text') return TEXTUAL.includes(wanted) ? wanted : 'text';
  if (has === 'integer' && wanted === 'boolean') return 'boolean';
  return has === 'real' && wanted === 'integer' ? 'integer' : undefined;
}

function createSql({ sql }: TableName, columns: Readonly<Record<string, string>>): string {
  const list = Object.entries(columns).map(([name, type]) => `${quoted(name)} ${type}`);
  return `CREATE TABLE IF NOT EXISTS ${sql} (${list.join(', ')})`;
}

/** Keeps other processes from the same change. In SQLite, every transaction does. */
function* lock(dialect: Dialect, { sql }: TableName): Work<void> {
  if (dialect === 'sqlite') return;
  yield { sql: 'SELECT pg_advisory_xact_lock(hashtext($1))', values: [`rxforce ${sql}`] };
}

function* describedTable(dialect: Dialect, { sql, schema, table }: TableName): Work<Found> {
  const rows =
    dialect === 'postgres'
      ? yield {
          sql:
            'SELECT a.attname AS name, t.typname AS type FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid ' +
            'WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped',
          values: [sql],
        }
      : yield { sql: 'SELECT name, type FROM pragma_table_info($1, $2)', values: [table, schema ?? null] };
  return new Map(rows.map(({ name, type }) => [String(name), kindOfType(String(type))]));
}

/** The kind of a type of PostgreSQL, or of a declared type of SQLite. */
function kindOfType(type: string): ColumnKind | undefined {
  return KINDS_OF_TYPES.find(([types]) => types.test(type))?.[1];
}

const KINDS_OF_TYPES: readonly (readonly [RegExp, ColumnKind])[] = [
  [/^(text|varchar|bpchar|citext|.*(char|clob).*)$/i, 'text'],
  [/^(float[48]|numeric|real|double.*)$/i, 'real'],
  [/^(int[248]|.*int.*)$/i, 'integer'],
  [/^bool/i, 'boolean'],
  [/^timestamptz$/i, 'timestamp'],
  [/^date$/i, 'date'],
  [/^time$/i, 'time'],
  [/^(bytea|blob)$/i, 'bytes'],
];
