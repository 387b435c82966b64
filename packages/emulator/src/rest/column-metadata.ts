import type { SoqlQuery } from '../soql/ast.js';
import { type Column, namesOf } from '../soql/columns.js';
import type { QueryDatabase, QueryField } from '../soql/queryable.js';
import type { ChildColumn, QueryScope } from '../soql/query-plan.js';
import { planOf } from '../soql/run-query.js';

/** A column of a query, as the service describes it to tools. */
interface ColumnMetadata {
  /** Whether it is a function over a group, or a list of records. */
  readonly aggregate: boolean;
  readonly apexType: string | null;
  readonly booleanType: boolean;
  readonly columnName: string;
  readonly custom: boolean;
  readonly displayName: string;
  readonly foreignKeyName: string | null;
  readonly insertable: boolean;
  readonly joinColumns: readonly ColumnMetadata[];
  readonly numberType: boolean;
  readonly textType: boolean;
  readonly updatable: boolean;
}

/** Apex's names for the types of values. */
const APEX_TYPES: Readonly<Record<QueryField['kind'], string>> = {
  string: 'String',
  id: 'Id',
  double: 'Double',
  boolean: 'Boolean',
  date: 'Date',
  dateTime: 'Datetime',
  time: 'Time',
  compound: 'Object',
};

/**
 * The form of a query's answer, without its records: `query?columns=true`, from which tools make tables of answers.
 *
 * @throws {@link SoqlError} when the query names something that does not exist, or cannot be run.
 */
export function columnMetadata(query: SoqlQuery, database: QueryDatabase, which: QueryScope): object {
  const names = namesOf(database, query);
  const { columns, children, grouped } = planOf(query, names, database, which);
  return {
    columnMetadata: metadataOf(columns, children),
    entityName: names.object.name,
    groupBy: grouped,
    idSelected: columns.some(({ relationships, field }) => relationships.length === 0 && field.name === 'Id'),
    keyPrefix: names.object.keyPrefix ?? null,
  };
}

/** Fields of a parent are grouped at the place of the first one. */
function metadataOf(columns: readonly Column[], children: readonly ChildColumn[]): ColumnMetadata[] {
  const parents = new Set<string>();
  const own = columns.flatMap((column): ColumnMetadata[] => {
    const [relationship] = column.relationships;
    if (relationship === undefined) return [fieldMetadata(column)];
    if (parents.has(relationship)) return [];
    parents.add(relationship);
    const ofParent = columns
      .filter(({ relationships }) => relationships[0] === relationship)
      .map((each) => ({ ...each, relationships: each.relationships.slice(1) }));
    return [joinMetadata(relationship, false, metadataOf(ofParent, []))];
  });
  return [
    ...own,
    ...children.map((each) => joinMetadata(each.relationship, true, metadataOf(each.columns, each.children))),
  ];
}

function fieldMetadata({ field, aggregate }: Column): ColumnMetadata {
  const { name, kind, custom } = field;
  const isFunction = aggregate?.aggregate !== undefined;
  const displayName = isFunction ? `${aggregate.aggregate}(${aggregate.path})` : name;
  return {
    aggregate: isFunction,
    apexType: APEX_TYPES[kind],
    booleanType: kind === 'boolean',
    columnName: name,
    custom,
    displayName,
    foreignKeyName: null,
    insertable: !isFunction,
    joinColumns: [],
    numberType: kind === 'double',
    textType: kind === 'string',
    updatable: !isFunction,
  };
}

function joinMetadata(name: string, aggregate: boolean, joinColumns: readonly ColumnMetadata[]): ColumnMetadata {
  return {
    aggregate,
    apexType: null,
    booleanType: false,
    columnName: name,
    custom: false,
    displayName: name,
    foreignKeyName: null,
    insertable: false,
    joinColumns,
    numberType: false,
    textType: false,
    updatable: false,
  };
}
