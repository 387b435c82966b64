import type { AggregateFunction, ComparisonOperator, Condition, FieldPath, SoqlQuery } from './ast.js';
import { parseLiteral } from './parse-literal.js';
import { malformed } from './soql-error.js';
import { patternOf, textOf } from './string-literal.js';
import type { TokenReader } from './token-reader.js';

/** How deep parentheses and NOT may be nested. */
const MAX_DEPTH = 100;

const OPERATORS: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

const AGGREGATES: ReadonlyMap<string, AggregateFunction> = new Map([
  ['COUNT', 'COUNT'],
  ['COUNT_DISTINCT', 'COUNT_DISTINCT'],
  ['SUM', 'SUM'],
  ['AVG', 'AVG'],
  ['MIN', 'MIN'],
  ['MAX', 'MAX'],
]);

/**
 * Reads the condition after WHERE or HAVING. AND and OR do not mix without parentheses: the caller handles the rest.
 *
 * @param inner - Reads a query in parentheses.
 */
export function parseCondition(reader: TokenReader, inner: () => SoqlQuery, depth = 0): Condition {
  const first = parseTerm(reader, inner, depth);
  const word = reader.isWord('AND') ? 'AND' : 'OR';
  const conditions = [first];
  while (reader.skipWord(word)) {
    conditions.push(parseTerm(reader, inner, depth));
  }
  return conditions.length === 1 ? first : { type: word === 'AND' ? 'and' : 'or', conditions };
}

function parseTerm(reader: TokenReader, inner: () => SoqlQuery, depth: number): Condition {
  if (depth > MAX_DEPTH) throw malformed(`Conditions stand in each other more than ${MAX_DEPTH} times`, reader.peek.at);
  if (reader.skipWord('NOT')) return { type: 'not', condition: parseTerm(reader, inner, depth + 1) };
  if (reader.skipSymbol('(')) {
    const condition = parseCondition(reader, inner, depth + 1);
    reader.expectSymbol(')');
    return condition;
  }
  return parseComparison(reader, inner, parseField(reader));
}

/** Reads the name of a field, or a function of one over a group. */
export function parseField(reader: TokenReader): FieldPath {
  const { text: path, at } = reader.expectName();
  return reader.skipSymbol('(') ? parseFunction(reader, path, at) : { path, at };
}

/** Reads a function whose name and parenthesis are already read. */
export function parseFunction(reader: TokenReader, name: string, at: number): FieldPath {
  const aggregate = AGGREGATES.get(name.toUpperCase());
  if (aggregate === undefined) throw malformed(`The emulator does not imitate the function ${name}().`, at);
  const { text: path } = reader.expectName();
  reader.expectSymbol(')');
  return { path, at, aggregate };
}

function parseComparison(reader: TokenReader, inner: () => SoqlQuery, field: FieldPath): Condition {
  if (reader.skipWord('LIKE')) return parseLike(reader, field);
  if (reader.skipWord('IN')) return parseIn(reader, inner, field, false);
  if (reader.skipWord('NOT')) {
    reader.expectWord('IN');
    return parseIn(reader, inner, field, true);
  }
  if (reader.skipWord('INCLUDES')) return parseIncludes(reader, field, false);
  if (reader.skipWord('EXCLUDES')) return parseIncludes(reader, field, true);
  const operator = reader.peek.type === 'symbol' ? OPERATORS.get(reader.peek.text) : undefined;
  if (operator === undefined) throw reader.unexpected('an operator');
  reader.take();
  return { type: 'comparison', field, operator, value: parseLiteral(reader) };
}

function parseLike(reader: TokenReader, field: FieldPath): Condition {
  const token = reader.peek;
  if (token.type !== 'string') throw reader.unexpected('a string');
  reader.take();
  return { type: 'like', field, pattern: patternOf(token.characters) };
}

function parseIn(reader: TokenReader, inner: () => SoqlQuery, field: FieldPath, negated: boolean): Condition {
  reader.expectSymbol('(');
  const condition: Condition = reader.isWord('SELECT')
    ? { type: 'in-query', field, negated, query: inner() }
    : { type: 'in', field, negated, values: reader.list(() => parseLiteral(reader)) };
  reader.expectSymbol(')');
  return condition;
}

function parseIncludes(reader: TokenReader, field: FieldPath, negated: boolean): Condition {
  reader.expectSymbol('(');
  const choices = reader.list(() => {
    const token = reader.peek;
    if (token.type !== 'string') throw reader.unexpected('a string');
    reader.take();
    return textOf(token.characters).split(';');
  });
  reader.expectSymbol(')');
  return { type: 'includes', field, negated, choices };
}
