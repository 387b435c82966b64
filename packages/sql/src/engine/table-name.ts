import { ConfigurationError, kindOf } from '@rxforce/core/model';
import { quoted } from './database.js';

/** The name of a table. */
export interface TableName {
  /** The schema of PostgreSQL, or the attached database of SQLite. */
  readonly schema: string | undefined;
  readonly table: string;
  /** As SQL has it. */
  readonly sql: string;
}

/**
 * Reads the name of a table.
 *
 * @param option - The name of the option, for the message.
 * @param text - Such as `account`, or `crm.account` for a schema.
 * @throws `ConfigurationError` when it is none.
 */
export function tableName(option: string, text: unknown): TableName {
  const [, schema, table] = typeof text === 'string' ? (/^(?:([^."\0]+)\.)?([^."\0]+)$/.exec(text) ?? []) : [];
  if (table === undefined) {
    throw new ConfigurationError(
      `${option} is ${typeof text === 'string' ? JSON.stringify(text) : kindOf(text)}, but must be the name of a table, ` +
        'such as "account", or "crm.account" for a schema.',
    );
  }
  return { schema, table, sql: [...(schema === undefined ? [] : [schema]), table].map(quoted).join('.') };
}

/** The table beside another one, with a suffix. */
export function besideTable({ schema, table }: TableName, suffix: string): TableName {
  return tableName('table', `${schema === undefined ? '' : `${schema}.`}${table}${suffix}`);
}
