import type { Ordering, SoqlQuery } from './ast.js';
import { parseCondition, parseField } from './parse-condition.js';
import { parseWholeNumber } from './parse-literal.js';
import { parseSelection } from './parse-selection.js';
import { malformed } from './soql-error.js';
import { TokenReader } from './token-reader.js';
import { tokensOf } from './tokens.js';

/** Words that begin the clauses after FROM, so they are not an alias. */
const CLAUSES = new Set('FROM WHERE ORDER LIMIT OFFSET GROUP HAVING WITH USING FOR UPDATE'.split(' '));
/** How deep queries may be nested, as at the service. */
const MAX_DEPTH = 5;

/**
 * Reads a SOQL query.
 *
 * @throws {@link SoqlError} when the text is not SOQL, or is SOQL that the emulator does not imitate.
 */
export function parseQuery(text: string): SoqlQuery {
  const reader = new TokenReader(tokensOf(text));
  const query = parseSelect(reader, 0);
  if (reader.peek.type !== 'end') throw reader.unexpected();
  return query;
}

/** Reads a query up to its end, or to a token that cannot continue it. */
function parseSelect(reader: TokenReader, depth: number): SoqlQuery {
  if (depth > MAX_DEPTH) throw malformed(`Queries stand in each other more than ${MAX_DEPTH} times`, reader.peek.at);
  const inner = () => parseSelect(reader, depth + 1);
  reader.expectWord('SELECT');
  const select = parseSelection(reader, inner);
  reader.expectWord('FROM');
  const from = parseFrom(reader);
  const where = reader.skipWord('WHERE') ? parseCondition(reader, inner) : undefined;
  const groupBy = reader.skipWord('GROUP') ? parseGroupBy(reader) : undefined;
  const having = reader.skipWord('HAVING') ? parseCondition(reader, inner) : undefined;
  const orderBy = parseOrderBy(reader);
  const limit = reader.skipWord('LIMIT') ? parseWholeNumber(reader) : undefined;
  const offset = reader.skipWord('OFFSET') ? parseWholeNumber(reader) : 0;
  return {
    select,
    from,
    ...(where !== undefined && { where }),
    ...(groupBy !== undefined && { groupBy }),
    ...(having !== undefined && { having }),
    orderBy,
    ...(limit !== undefined && { limit }),
    offset,
  };
}

function parseFrom(reader: TokenReader): SoqlQuery['from'] {
  const { text: object, at } = reader.expectName();
  if (reader.peek.type !== 'word' || CLAUSES.has(reader.peek.text.toUpperCase())) return { object, at };
  reader.skipWord('AS');
  return { object, at, alias: reader.expectName().text };
}

function parseGroupBy(reader: TokenReader): SoqlQuery['groupBy'] {
  reader.expectWord('BY');
  if (reader.isWord('ROLLUP') || reader.isWord('CUBE')) throw reader.unexpected();
  return reader.list(() => parseField(reader));
}

function parseOrderBy(reader: TokenReader): Ordering[] {
  if (!reader.skipWord('ORDER')) return [];
  reader.expectWord('BY');
  return reader.list(() => parseOrdering(reader));
}

function parseOrdering(reader: TokenReader): Ordering {
  const field = parseField(reader);
  const descending = reader.skipWord('DESC');
  if (!descending) reader.skipWord('ASC');
  if (!reader.skipWord('NULLS')) return { field, descending, nulls: descending ? 'last' : 'first' };
  const first = reader.skipWord('FIRST');
  if (!first) reader.expectWord('LAST');
  return { field, descending, nulls: first ? 'first' : 'last' };
}
