import type { Dialect, Row, Work } from '../engine/database.js';
import type { TableName } from '../engine/table-name.js';

/**
 * Looks whether a table can be written, or made. A transaction of SQLite begins only where the file can be written.
 * PostgreSQL tells what the user may do; it refuses the name of a schema that is not there.
 */
export function* lookAt(dialect: Dialect, { schema, sql }: TableName): Work<Row> {
  if (dialect === 'sqlite') return (yield { sql: 'SELECT 1' })[0] ?? {};
  const rows = yield {
    sql:
      'SELECT CASE WHEN to_regclass($1) IS NULL ' +
      "THEN has_schema_privilege(coalesce($2::text, current_schema()::text), 'CREATE') " +
      "ELSE has_table_privilege(to_regclass($1), 'INSERT') AND has_table_privilege(to_regclass($1), 'UPDATE') END " +
      'AS may_write',
    values: [sql, schema ?? null],
  };
  return rows[0] ?? {};
}
