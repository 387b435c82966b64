import type { FieldGroup, Selection, SelectItem, SoqlQuery } from './ast.js';
import { parseFunction } from './parse-condition.js';
import { malformed } from './soql-error.js';
import type { TokenReader } from './token-reader.js';

const GROUPS: ReadonlyMap<string, FieldGroup> = new Map([
  ['ALL', 'ALL'],
  ['STANDARD', 'STANDARD'],
  ['CUSTOM', 'CUSTOM'],
]);

/**
 * Reads the list after SELECT.
 *
 * @param inner - Reads a query in parentheses.
 */
export function parseSelection(reader: TokenReader, inner: () => SoqlQuery): Selection {
  const items: SelectItem[] = [];
  do {
    const { text, at } = reader.peek;
    const item = parseSelectItem(reader, inner);
    if (item === 'count') {
      if (items.length > 0 || !reader.isWord('FROM')) throw malformed(`${text}() stands alone after SELECT`, at);
      return { type: 'count' };
    }
    items.push(item);
  } while (reader.skipSymbol(','));
  return { type: 'fields', items };
}

function parseSelectItem(reader: TokenReader, inner: () => SoqlQuery): SelectItem | 'count' {
  const { at } = reader.peek;
  if (reader.skipSymbol('(')) {
    const query = inner();
    reader.expectSymbol(')');
    return { type: 'children', query, at };
  }
  const { text: name } = reader.expectName();
  if (!reader.skipSymbol('(')) return { type: 'field', field: { path: name, at }, ...parseAlias(reader) };
  if (name.toUpperCase() === 'COUNT' && reader.skipSymbol(')')) return 'count';
  if (name.toUpperCase() === 'FIELDS') {
    const group = parseGroup(reader);
    reader.expectSymbol(')');
    return { type: 'group', group, at };
  }
  return { type: 'field', field: parseFunction(reader, name, at), ...parseAlias(reader) };
}

/** Reads an alias: a name before another item or FROM. A name before anything else is a mistake. */
function parseAlias(reader: TokenReader): { readonly alias?: string } {
  const { peek, peekFurther } = reader;
  const follows = peekFurther.text === ',' || peekFurther.text.toUpperCase() === 'FROM';
  return peek.type === 'word' && !reader.isWord('FROM') && follows ? { alias: reader.take().text } : {};
}

function parseGroup(reader: TokenReader): FieldGroup {
  const group = GROUPS.get(reader.peek.text.toUpperCase());
  if (group === undefined) throw reader.unexpected('ALL, STANDARD or CUSTOM');
  reader.take();
  return group;
}
