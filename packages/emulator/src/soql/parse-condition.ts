import type { ComparisonOperator, Condition, FieldPath, Literal } from './ast.js';
import { parseLiteral } from './parse-literal.js';
import { malformed } from './soql-error.js';
import { patternOf } from './string-literal.js';
import type { TokenReader } from './token-reader.js';

/** How deep parentheses and NOT may stand in each other. */
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

/** Reads what stands behind WHERE. AND and OR do not mix without parentheses: what follows is left to the caller. */
export function parseCondition(reader: TokenReader, depth = 0): Condition {
  const first = parseTerm(reader, depth);
  const word = reader.isWord('AND') ? 'AND' : 'OR';
  const conditions = [first];
  while (reader.skipWord(word)) {
    conditions.push(parseTerm(reader, depth));
  }
  return conditions.length === 1 ? first : { type: word === 'AND' ? 'and' : 'or', conditions };
}

function parseTerm(reader: TokenReader, depth: number): Condition {
  if (depth > MAX_DEPTH) {
    throw malformed(`Conditions stand in each other more than ${MAX_DEPTH} times`, reader.peek.at);
  }
  if (reader.skipWord('NOT')) {
    return { type: 'not', condition: parseTerm(reader, depth + 1) };
  }
  if (reader.skipSymbol('(')) {
    const condition = parseCondition(reader, depth + 1);
    reader.expectSymbol(')');
    return condition;
  }
  return parseComparison(reader, parseFieldPath(reader));
}

/** Reads the name of a field. */
export function parseFieldPath(reader: TokenReader): FieldPath {
  const { text: path, at } = reader.expectName();
  return { path, at };
}

function parseComparison(reader: TokenReader, field: FieldPath): Condition {
  if (reader.skipWord('LIKE')) {
    return parseLike(reader, field);
  }
  if (reader.skipWord('IN')) {
    return { type: 'in', field, negated: false, values: parseList(reader) };
  }
  if (reader.skipWord('NOT')) {
    reader.expectWord('IN');
    return { type: 'in', field, negated: true, values: parseList(reader) };
  }
  const operator = reader.peek.type === 'symbol' ? OPERATORS.get(reader.peek.text) : undefined;
  if (operator === undefined) {
    throw reader.unexpected('an operator');
  }
  reader.take();
  return { type: 'comparison', field, operator, value: parseLiteral(reader) };
}

function parseLike(reader: TokenReader, field: FieldPath): Condition {
  const token = reader.peek;
  if (token.type !== 'string') {
    throw reader.unexpected('a string');
  }
  reader.take();
  return { type: 'like', field, pattern: patternOf(token.characters) };
}

function parseList(reader: TokenReader): Literal[] {
  const values: Literal[] = [];
  reader.expectSymbol('(');
  do {
    values.push(parseLiteral(reader));
  } while (reader.skipSymbol(','));
  reader.expectSymbol(')');
  return values;
}
