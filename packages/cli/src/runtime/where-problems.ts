import type { FieldKind } from '@rxforce/core/model';
import { didYouMean } from '../config/closest-name.js';
import type { Comparisons } from '../config/settings/topics.js';
import { operandFor } from './where-operand.js';
import { fieldAt, type SchemaField, type SchemaFields } from './schema-fields.js';

/** What `where` of a topic says. */
export type Where = Readonly<Record<string, Comparisons>>;

/** A condition that no event can fulfil. */
export interface WhereProblem {
  /** The field, and the comparison where it is that. */
  readonly path: readonly string[];
  /** What is wrong, and what to do. It has no value of the configuration. */
  readonly message: string;
  /** Whether the events have no such field; another object of a channel may have it. */
  readonly isMissing: boolean;
}

/** What no event of a schema can fulfil. */
export function whereProblems(where: Where, schema: SchemaFields): readonly WhereProblem[] {
  return Object.entries(where).flatMap(([path, comparisons]): readonly WhereProblem[] => {
    const field = fieldAt(schema, path);
    if (field === undefined) {
      const message = `where names ${path}, which is no field of ${schema.event}.${hint(path, schema)}`;
      return [{ path: [path], message, isMissing: true }];
    }
    return Object.entries(comparisons).flatMap(([name, operand]) => {
      const reason = problemOf(name, operand, field);
      if (reason === undefined) return [];
      const message = `where compares ${path} of ${schema.event} ${reason}`;
      return [{ path: [path, name], message, isMissing: false }];
    });
  });
}

/** Comparisons that ask nothing of a value. */
const OF_NO_KIND: readonly string[] = ['is_null', 'changed'];
const OF_TEXTS: readonly string[] = ['contains', 'starts_with', 'ends_with', 'matches'];
const OF_ORDER: readonly string[] = ['greater_than', 'greater_or_equal', 'less_than', 'less_or_equal'];

/** Why a comparison of a field cannot be true; `undefined` where it can. */
function problemOf(name: string, operand: unknown, field: SchemaField): string | undefined {
  const { kinds, dataType } = field;
  if (OF_NO_KIND.includes(name) || kinds.length === 0) return undefined;
  if (OF_TEXTS.includes(name)) {
    return kinds.includes('text') ? undefined : `by ${name}, which is for texts, and it is ${listed(kinds)}.`;
  }
  if (OF_ORDER.includes(name) && !kinds.includes('number') && !kinds.includes('text')) {
    return `by ${name}, which is for numbers and texts, and it is ${listed(kinds)}.${partOf(kinds)}`;
  }
  const operands: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const odd = operands.find((each) => operandFor(field, each) === undefined);
  if (odd === undefined) return undefined;
  const isTime = kinds.includes('number') && dataType.startsWith('Date');
  const what = isTime ? timeWord(dataType) : listed(kinds);
  return `with ${kindWord(odd)}, and it is ${what}, so no event passes.${adviceOn(kinds, dataType)}`;
}

function adviceOn(kinds: readonly FieldKind[], dataType: string): string {
  if (kinds.includes('text')) return ' Put the value between quotes.';
  if (kinds.includes('boolean')) return ' Give true or false.';
  if (!kinds.includes('number')) return partOf(kinds);
  if (dataType.startsWith('Date')) return ' Give one such as 2026-01-31T12:00:00Z.';
  if (dataType === '') return ' Give a number; of a date or a time, one such as 2026-01-31T12:00:00Z.';
  return ' Give a number.';
}

function partOf(kinds: readonly FieldKind[]): string {
  return kinds.includes('compound') ? ' Name a part of it, such as BillingAddress.City.' : '';
}

function hint(path: string, { fields }: SchemaFields): string {
  const [root = '', part] = path.split('.');
  const [compound] = [...fields].find(([, { parts }]) => parts.has(path)) ?? [];
  if (compound !== undefined) return ` Did you mean ${compound}.${path}?`;
  const all = [...fields].flatMap(([name, { parts }]) => [name, ...[...parts.keys()].map((each) => `${name}.${each}`)]);
  const isPart = part !== undefined && fields.has(root);
  return didYouMean(path, isPart ? all.filter((name) => name.startsWith(`${root}.`)) : all);
}

const WORDS: Readonly<Record<FieldKind, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  bytes: 'bytes',
  list: 'a list',
  compound: 'a compound',
};

function timeWord(dataType: string): string {
  return dataType === 'DateTime' ? 'a date with a time' : 'a date';
}

function listed(kinds: readonly FieldKind[]): string {
  return kinds.map((kind) => WORDS[kind]).join(' or ');
}

function kindWord(operand: unknown): string {
  if (typeof operand === 'boolean') return 'true or false';
  return typeof operand === 'number' ? 'a number' : 'a text';
}
