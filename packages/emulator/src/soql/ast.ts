/**
 * A parsed SOQL query: only its text, independent of the org.
 *
 * @packageDocumentation
 */

/** The functions of a field over the records of a group. */
export type AggregateFunction = 'COUNT' | 'COUNT_DISTINCT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';

/** A field where a query names it: `Name`, or through relationships `Account.Owner.Name`. */
export interface FieldPath {
  readonly path: string;
  /** The function around it, as in `MAX(Amount)`. */
  readonly aggregate?: AggregateFunction;
  /** Its place in the query's text, counted from 0. */
  readonly at: number;
}

/** The selection of a query. */
export type Selection =
  | { readonly type: 'fields'; readonly items: readonly SelectItem[] }
  /** `COUNT()`: how many records there are, and no records. */
  | { readonly type: 'count' };

/** One item of the list after SELECT. */
export type SelectItem =
  | { readonly type: 'field'; readonly field: FieldPath; readonly alias?: string }
  | { readonly type: 'group'; readonly group: FieldGroup; readonly at: number }
  /** The records of a child relationship, which is named after its FROM. */
  | { readonly type: 'children'; readonly query: SoqlQuery; readonly at: number };

/** The argument of `FIELDS()`. */
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

/** A piece of the pattern after LIKE. */
export type PatternPart =
  | { readonly type: 'text'; readonly text: string }
  /** `%` */
  | { readonly type: 'any' }
  /** `_` */
  | { readonly type: 'one' };

/** The condition after WHERE. */
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
  /** INCLUDES and EXCLUDES: each value is a set of choices, all of which must be selected. */
  | {
      readonly type: 'includes';
      readonly field: FieldPath;
      readonly negated: boolean;
      readonly choices: readonly (readonly string[])[];
    };

/** One item of the list after ORDER BY. */
export interface Ordering {
  readonly field: FieldPath;
  readonly descending: boolean;
  /** The place of null; by default, null is the least of all values. */
  readonly nulls: 'first' | 'last';
}

/** A query. */
export interface SoqlQuery {
  readonly select: Selection;
  readonly from: { readonly object: string; readonly at: number; readonly alias?: string };
  readonly where?: Condition;
  readonly groupBy?: readonly FieldPath[];
  /** The condition on groups. */
  readonly having?: Condition;
  readonly orderBy: readonly Ordering[];
  readonly limit?: number;
  readonly offset: number;
}
