import type { FieldGroup, Ordering, Selection, SelectItem, SoqlQuery } from './ast.js';
import { parseCondition, parseFieldPath } from './parse-condition.js';
import { parseWholeNumber } from './parse-literal.js';
import { malformed } from './soql-error.js';
import { TokenReader } from './token-reader.js';
import { tokensOf } from './tokens.js';

/** Words that begin what follows FROM, so that they are no alias. */
const CLAUSES = new Set('WHERE ORDER LIMIT OFFSET GROUP HAVING WITH USING FOR UPDATE'.split(' '));
const GROUPS: ReadonlyMap<string, FieldGroup> = new Map([
  ['ALL', 'ALL'],
  ['STANDARD', 'STANDARD'],
  ['CUSTOM', 'CUSTOM'],
]);

/**
 * Reads a SOQL query.
 *
 * @throws {@link SoqlError} when the text is not SOQL, or is SOQL that the emulator does not imitate.
 */
export function parseQuery(text: string): SoqlQuery {
  const reader = new TokenReader(tokensOf(text));
  reader.expectWord('SELECT');
  const select = parseSelection(reader);
  reader.expectWord('FROM');
  const from = parseFrom(reader);
  const where = reader.skipWord('WHERE') ? parseCondition(reader) : undefined;
  const orderBy = parseOrderBy(reader);
  const limit = reader.skipWord('LIMIT') ? parseWholeNumber(reader) : undefined;
  const offset = reader.skipWord('OFFSET') ? parseWholeNumber(reader) : 0;
  if (reader.peek.type !== 'end') {
    throw reader.unexpected();
  }
  const optional = { ...(where === undefined ? {} : { where }), ...(limit === undefined ? {} : { limit }) };
  return { select, from, orderBy, offset, ...optional };
}

function parseSelection(reader: TokenReader): Selection {
  const items: SelectItem[] = [];
  do {
    const { text, at } = reader.peek;
    const item = parseSelectItem(reader);
    if (item === 'count') {
      if (items.length > 0 || !reader.isWord('FROM')) {
        throw malformed(`${text}() stands alone behind SELECT`, at);
      }
      return { type: 'count' };
    }
    items.push(item);
  } while (reader.skipSymbol(','));
  return { type: 'fields', items };
}

function parseSelectItem(reader: TokenReader): SelectItem | 'count' {
  const { type, text, at } = reader.peek;
  if (type === 'symbol' && text === '(') {
    throw malformed('The emulator does not run sub-queries.', at);
  }
  const field = parseFieldPath(reader);
  if (!reader.skipSymbol('(')) {
    return { type: 'field', field };
  }
  switch (field.path.toUpperCase()) {
    case 'COUNT':
      if (reader.peek.type === 'word') {
        throw malformed('The emulator does not imitate COUNT() of a field.', reader.peek.at);
      }
      reader.expectSymbol(')');
      return 'count';
    case 'FIELDS': {
      const group = parseGroup(reader);
      reader.expectSymbol(')');
      return { type: 'group', group, at };
    }
    default:
      throw malformed(`The emulator does not imitate the function ${field.path}().`, at);
  }
}

function parseGroup(reader: TokenReader): FieldGroup {
  const group = GROUPS.get(reader.peek.text.toUpperCase());
  if (group === undefined) {
    throw reader.unexpected('ALL, STANDARD or CUSTOM');
  }
  reader.take();
  return group;
}

function parseFrom(reader: TokenReader): SoqlQuery['from'] {
  const { text: object, at } = reader.expectName();
  if (reader.peek.type !== 'word' || CLAUSES.has(reader.peek.text.toUpperCase())) {
    return { object, at };
  }
  reader.skipWord('AS');
  return { object, at, alias: reader.expectName().text };
}

function parseOrderBy(reader: TokenReader): Ordering[] {
  if (!reader.skipWord('ORDER')) {
    return [];
  }
  reader.expectWord('BY');
  const orderings: Ordering[] = [];
  do {
    orderings.push(parseOrdering(reader));
  } while (reader.skipSymbol(','));
  return orderings;
}

function parseOrdering(reader: TokenReader): Ordering {
  const field = parseFieldPath(reader);
  const descending = reader.skipWord('DESC');
  if (!descending) {
    reader.skipWord('ASC');
  }
  if (!reader.skipWord('NULLS')) {
    return { field, descending, nulls: descending ? 'last' : 'first' };
  }
  const first = reader.skipWord('FIRST');
  if (!first) {
    reader.expectWord('LAST');
  }
  return { field, descending, nulls: first ? 'first' : 'last' };
}
