/**
 * A SOQL query, read: what stands in the text, and nothing of what the org has.
 *
 * @packageDocumentation
 */

/** What of a field a query asks for, over the records of a group. */
export type AggregateFunction = 'COUNT' | 'COUNT_DISTINCT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';

/** A field where a query names it: `Name`, or through relationships `Account.Owner.Name`. */
export interface FieldPath {
  readonly path: string;
  /** The function it stands in, as in `MAX(Amount)`. */
  readonly aggregate?: AggregateFunction;
  /** Where it stands in the query's text, counted from 0. */
  readonly at: number;
}

/** What a query selects. */
export type Selection =
  | { readonly type: 'fields'; readonly items: readonly SelectItem[] }
  /** `COUNT()`: how many records there are, and no records. */
  | { readonly type: 'count' };

/** One item of the list behind SELECT. */
export type SelectItem =
  | { readonly type: 'field'; readonly field: FieldPath; readonly alias?: string }
  | { readonly type: 'group'; readonly group: FieldGroup; readonly at: number }
  /** The records of a child relationship, which stands behind its FROM. */
  | { readonly type: 'children'; readonly query: SoqlQuery; readonly at: number };

/** What `FIELDS()` takes. */
export type FieldGroup = 'ALL' | 'STANDARD' | 'CUSTOM';

/** Operators that compare a field with one value. */
export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A value in a query. */
export type Literal =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null' }
  /** A day: milliseconds since 1970 at its beginning in UTC. */
  | { readonly type: 'date'; readonly value: number }
  /** Milliseconds since 1970. */
  | { readonly type: 'datetime'; readonly value: number }
  /** Milliseconds since midnight. */
  | { readonly type: 'time'; readonly value: number }
  /** A span of time that depends on today, such as `TODAY` or `LAST_N_DAYS:30`. */
  | { readonly type: 'relative-date'; readonly name: string; readonly count?: number };

/** A piece of the pattern behind LIKE. */
export type PatternPart =
  | { readonly type: 'text'; readonly text: string }
  /** `%` */
  | { readonly type: 'any' }
  /** `_` */
  | { readonly type: 'one' };

/** What stands behind WHERE. */
export type Condition =
  | { readonly type: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly type: 'not'; readonly condition: Condition }
  | {
      readonly type: 'comparison';
      readonly field: FieldPath;
      readonly operator: ComparisonOperator;
      readonly value: Literal;
    }
  | { readonly type: 'like'; readonly field: FieldPath; readonly pattern: readonly PatternPart[] }
  | { readonly type: 'in'; readonly field: FieldPath; readonly negated: boolean; readonly values: readonly Literal[] }
  /** IN with the records of another query. */
  | { readonly type: 'in-query'; readonly field: FieldPath; readonly negated: boolean; readonly query: SoqlQuery }
  /** INCLUDES and EXCLUDES: each value is a set of choices, of which all must be made. */
  | {
      readonly type: 'includes';
      readonly field: FieldPath;
      readonly negated: boolean;
      readonly choices: readonly (readonly string[])[];
    };

/** One item of the list behind ORDER BY. */
export interface Ordering {
  readonly field: FieldPath;
  readonly descending: boolean;
  /** Where null stands; unless the query says so, null is the least of all values. */
  readonly nulls: 'first' | 'last';
}

/** A query. */
export interface SoqlQuery {
  readonly select: Selection;
  readonly from: { readonly object: string; readonly at: number; readonly alias?: string };
  readonly where?: Condition;
  readonly groupBy?: readonly FieldPath[];
  /** Of the groups. */
  readonly having?: Condition;
  readonly orderBy: readonly Ordering[];
  readonly limit?: number;
  readonly offset: number;
}
