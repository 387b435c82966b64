import { RestProblem } from '../rest-problem.js';

/** The fields that are searched. */
export type SearchedFields = 'ALL' | 'NAME' | 'EMAIL' | 'PHONE';

/** An object to search, and the fields to return. */
export interface SearchTarget {
  readonly object: string;
  /** The fields, and the clauses after them, as in a query: conditions, an order, a limit. */
  readonly rest: string;
}

/** A parsed search. */
export interface Search {
  readonly words: string;
  readonly fields: SearchedFields;
  /** The objects to search; none means all. */
  readonly targets: readonly SearchTarget[];
  readonly limit: number;
}

const BEGINNING = /^\s*FIND\s*\{((?:[^{}\\]|\\.)*)\}\s*(?:IN\s+(ALL|NAME|EMAIL|PHONE)\s+FIELDS\s*)?/i;
const OBJECT = /^\s*(\w+)\s*/;
const LIMIT = /^\s*LIMIT\s+(\d+)\s*$/i;

/**
 * Reads a search in SOSL: `FIND {abel*} IN NAME FIELDS RETURNING Account(Id, Name), Contact LIMIT 5`.
 *
 * @throws {@link RestProblem} when it is not a search, or has a clause that the emulator does not imitate.
 */
export function parseSearch(text: string): Search {
  const beginning = BEGINNING.exec(text);
  if (beginning === null) {
    throw malformed(
      'it begins with FIND and words in braces, and IN ALL, NAME, EMAIL or PHONE FIELDS may follow',
      text,
    );
  }
  const [all, words = '', fields = 'ALL'] = beginning;
  const { targets, rest } = targetsOf(text.slice(all.length));
  const limit = rest.trim() === '' ? undefined : LIMIT.exec(rest)?.[1];
  if (limit === undefined && rest.trim() !== '') {
    throw malformed('after RETURNING the emulator knows LIMIT alone', rest);
  }
  const unescaped = words.replace(/\\(.)/g, '$1');
  return {
    words: unescaped,
    fields: fields.toUpperCase() as SearchedFields,
    targets,
    limit: Number(limit ?? Infinity),
  };
}

function targetsOf(text: string): { readonly targets: SearchTarget[]; readonly rest: string } {
  const returning = /^RETURNING\b/i.exec(text);
  if (returning === null) return { targets: [], rest: text };
  const targets: SearchTarget[] = [];
  let rest = text.slice(returning[0].length);
  do {
    const [named = '', object] = OBJECT.exec(rest.replace(/^\s*,/, '')) ?? [];
    if (object === undefined) throw malformed('names of objects stand after RETURNING', rest);
    rest = rest.replace(/^\s*,/, '').slice(named.length);
    const inside = rest.startsWith('(') ? insideOf(rest) : '';
    rest = rest.startsWith('(') ? rest.slice(inside.length + 2) : rest;
    targets.push({ object, rest: inside });
  } while (/^\s*,/.test(rest));
  return { targets, rest };
}

/** The text inside the parentheses at the beginning. Parentheses in strings do not count. */
function insideOf(text: string): string {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted && char === '\\') at++;
    else if (char === "'") quoted = !quoted;
    else if (!quoted && char === '(') depth++;
    else if (!quoted && char === ')' && --depth === 0) return text.slice(1, at);
  }
  throw malformed('a parenthesis is not closed', text);
}

function malformed(why: string, near: string): RestProblem {
  return new RestProblem(400, 'MALFORMED_SEARCH', `The search cannot be read: ${why}. Near: ${near.slice(0, 40)}`);
}
