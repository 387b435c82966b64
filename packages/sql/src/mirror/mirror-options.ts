import type { PubSubClient } from '@rxforce/core';
import { checkFunction, checkWait } from '@rxforce/core/internal';
import { checkOptionNames, ConfigurationError, kindOf } from '@rxforce/core/model';
import type { SqlSource } from '../engine/open-database.js';
import { tableOf } from './column-names.js';
import type { ColumnsPolicy } from './mirror-table.js';
import { besideTable, tableName } from '../engine/table-name.js';

/** How a `sqlMirror` writes the records of an object. */
export interface SqlMirrorOptions {
  /** The database. A URL is opened when it is first needed. */
  readonly database: SqlSource;
  /** API name of the object, such as `Account` or `Employee__c`. */
  readonly entity: string;
  /** The client of the events: it knows the schemas, and so the types of the fields. */
  readonly client: Pick<PubSubClient, 'schema'>;
  /**
   * The table: `account`, or `crm.account` for a schema, which must exist. The table itself is made where it is
   * missing.
   *
   * @defaultValue the name of the object in snake case
   */
  readonly table?: string;
  /**
   * The schema of the table, which must exist: for a `table` without one, and for the default.
   *
   * @defaultValue that of `table`, else the first one of the connection's `search_path`
   */
  readonly schema?: string;
  /**
   * What happens when an event has a field that the table has no column for. `'add'` adds the column, `'ignore'` leaves
   * the field out, and with `'fail'` the write fails with a `SinkError`. Columns are never dropped.
   *
   * @defaultValue `'add'`
   */
  readonly columns?: ColumnsPolicy;
  /**
   * What becomes of the row of a deleted record. `'mark'` sets its `rx_deleted`. `'delete'` deletes it, and keeps its
   * id in a table beside this one, `<table>__deleted`, so that late changes do not bring it back.
   *
   * @defaultValue `'mark'`
   */
  readonly deletes?: 'mark' | 'delete';
  /**
   * The column of a field. It gets the field's name, or `Compound.Child`. Not to be changed later: the table would get
   * new columns.
   *
   * @defaultValue the field's name in the REST API, in snake case: `billing_city` for `BillingAddress.City`
   */
  readonly nameOf?: (path: string) => string;
  /**
   * By how much the clocks of the processes that write may differ, in milliseconds, from 0. `sweep` spares rows that
   * were seen so long before its time.
   *
   * @defaultValue 10_000
   */
  readonly clockToleranceMs?: number;
  /**
   * Where the time comes from, for `rx_seen_at`.
   *
   * @defaultValue the clock of this machine
   */
  readonly scheduler?: { now(): number };
}

const NAMES: readonly string[] = Object.keys({
  database: true,
  entity: true,
  client: true,
  table: true,
  schema: true,
  columns: true,
  deletes: true,
  nameOf: true,
  clockToleranceMs: true,
  scheduler: true,
} satisfies Record<keyof SqlMirrorOptions, true>);

/** @throws `ConfigurationError` when an option is missing, unknown or not valid. */
export function resolveMirrorOptions(options: SqlMirrorOptions) {
  checkOptionNames(options, NAMES, { of: 'sqlMirror()' });
  const { entity, client, nameOf, columns = 'add', deletes = 'mark', clockToleranceMs = 10_000 } = options;
  if (typeof entity !== 'string' || !/^\w+$/.test(entity)) {
    throw new ConfigurationError(`entity is ${kindOf(entity)}, but must be the name of an object, such as "Account".`);
  }
  if (typeof (Object(client) as { schema?: unknown }).schema !== 'function') {
    throw new ConfigurationError('sqlMirror() got no client: give it the one that the events come from.');
  }
  if (nameOf !== undefined) checkFunction('sqlMirror() got nameOf', nameOf);
  const { table = tableOf(entity), schema } = options;
  const name = tableName('table', schema === undefined ? table : `${schema}.${table}`);
  return {
    database: options.database,
    entity,
    client,
    nameOf,
    name,
    tombstones: oneOf('deletes', deletes, ['mark', 'delete']) === 'delete' ? besideTable(name, '__deleted') : undefined,
    columns: oneOf<ColumnsPolicy>('columns', columns, ['add', 'ignore', 'fail']),
    clockToleranceMs: checkWait('sqlMirror() got clockToleranceMs', clockToleranceMs),
    scheduler: options.scheduler ?? { now: () => Date.now() },
  };
}

function oneOf<T extends string>(name: string, value: T, all: readonly T[]): T {
  if (all.includes(value)) return value;
  throw new ConfigurationError(`${name} is ${kindOf(value)}, but must be one of ${all.join(', ')}.`);
}
