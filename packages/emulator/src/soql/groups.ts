import type { FieldPath, SelectItem, SoqlQuery } from './ast.js';
import { aggregated, canAggregate, groupValueOf, type GroupValue } from './aggregates.js';
import { type Column, findColumn, type Names, valueOf } from './columns.js';
import { comparable } from './comparisons.js';
import type { QueryField, QueryRow } from './queryable.js';
import { SoqlError } from './soql-error.js';

/** The service's name of a group in its answers. */
export const GROUP_TYPE = 'AggregateResult';

/** Whether a query asks for groups of records instead of records. */
export function isGrouped({ select, groupBy }: SoqlQuery): boolean {
  const items = select.type === 'count' ? [] : select.items;
  return groupBy !== undefined || items.some((item) => item.type === 'field' && item.field.aggregate !== undefined);
}

type Compute = (rows: readonly QueryRow[]) => GroupValue;

/** The groups of a query, and the columns that they have. */
export class Groups {
  private readonly by: readonly Column[];
  private readonly computes = new Map<string, Compute>();
  private unnamed = 0;

  /** @throws {@link SoqlError} when records cannot be grouped by what the query says. */
  constructor(
    private readonly names: Names,
    groupBy: readonly FieldPath[],
  ) {
    this.by = groupBy.map((path) => {
      const column = findColumn(names, path);
      if (!column.field.filterable) {
        const message = `field '${column.field.name}' can not be grouped in a query call`;
        throw new SoqlError('MALFORMED_QUERY', message, path.at);
      }
      return column;
    });
  }

  /** The column of a selected item, under its name in the answer. */
  select(item: SelectItem): Column {
    if (item.type !== 'field') {
      throw new SoqlError('MALFORMED_QUERY', 'A query of groups selects fields and functions alone', item.at);
    }
    const { field: path, alias } = item;
    return this.column(path, (column) =>
      path.aggregate === undefined ? (alias ?? column.field.name) : (alias ?? `expr${this.unnamed++}`),
    );
  }

  /** The column of a path in HAVING or ORDER BY. */
  readonly find = (path: FieldPath): Column => this.column(path, () => ` ${path.aggregate ?? ''} ${path.path}`);

  /** Makes groups of records, in the order of their first ones. Without GROUP BY, all are one group. */
  of(rows: readonly QueryRow[]): QueryRow[] {
    if (this.by.length === 0) return [this.row(rows)];
    const groups = new Map<string, QueryRow[]>();
    for (const row of rows) {
      const key = JSON.stringify(this.by.map((column) => comparable(column.field.kind, valueOf(column, row))));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
    return [...groups.values()].map((group) => this.row(group));
  }

  private column(path: FieldPath, nameOf: (column: Column) => string): Column {
    const { aggregate, ...plainPath } = path;
    const column = findColumn(this.names, plainPath);
    if (aggregate === undefined ? !this.isGrouped(column) : !canAggregate(aggregate, column)) {
      const message = aggregate === undefined ? 'Field must be grouped or aggregated' : `${aggregate}() cannot take`;
      throw new SoqlError('MALFORMED_QUERY', `${message}: ${path.path}`, path.at);
    }
    const name = nameOf(column);
    this.computes.set(name, (rows) =>
      aggregate === undefined ? groupValueOf(column, rows[0]) : aggregated(aggregate, column, rows),
    );
    return { relationships: [], field: groupField(name, aggregate, column), aggregate: path };
  }

  private isGrouped(column: Column): boolean {
    return this.by.some((each) => pathOf(each) === pathOf(column));
  }

  private row(rows: readonly QueryRow[]): QueryRow {
    const valueAt = ({ name }: QueryField): GroupValue | undefined => this.computes.get(name)?.(rows);
    return {
      object: GROUP_TYPE,
      id: '',
      get: (field) => valueAt(field)?.value ?? null,
      toJson: (field) => valueAt(field)?.json ?? null,
      parent: () => undefined,
    };
  }
}

function pathOf({ relationships, field }: Column): string {
  return [...relationships, field.name].join('.');
}

function groupField(name: string, aggregate: FieldPath['aggregate'], { field }: Column): QueryField {
  const counts = aggregate === 'COUNT' || aggregate === 'COUNT_DISTINCT';
  return { name, kind: counts ? 'double' : field.kind, filterable: true, sortable: true, custom: false };
}
