import { malformed } from './soql-error.js';
import { type StringCharacter, unescaped } from './string-literal.js';

/** A piece of a query's text. */
export type Token =
  /** A keyword, or a name with its dots. */
  | { readonly type: 'word'; readonly text: string; readonly at: number }
  | {
      readonly type: 'string';
      readonly characters: readonly StringCharacter[];
      readonly text: string;
      readonly at: number;
    }
  | { readonly type: 'number'; readonly text: string; readonly at: number }
  /** A date, a time or both. */
  | { readonly type: 'moment'; readonly text: string; readonly at: number }
  | { readonly type: 'symbol'; readonly text: string; readonly at: number }
  | { readonly type: 'end'; readonly text: '<EOF>'; readonly at: number };

/** The patterns of tokens by type; the first match counts. */
const PATTERNS = [
  ['word', /[a-z_]\w*(?:\.[a-z_]\w*)*/iy],
  ['moment', /\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))?/iy],
  ['moment', /\d\d:\d\d:\d\d(?:\.\d+)?Z/iy],
  ['number', /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?/iy],
  ['symbol', /!=|<>|<=|>=|[(),=<>:]/y],
] as const;

/**
 * Cuts a query into its tokens, with one for its end.
 *
 * @throws {@link SoqlError} where no token begins, or a string does not end.
 */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  for (let at = skipSpace(query, 0); at < query.length;) {
    const token = query[at] === "'" ? stringAt(query, at) : patternAt(query, at);
    tokens.push(token);
    at = skipSpace(query, at + token.text.length);
  }
  tokens.push({ type: 'end', text: '<EOF>', at: query.length });
  return tokens;
}

function skipSpace(query: string, from: number): number {
  let at = from;
  while (at < query.length && /\s/.test(query.charAt(at))) {
    at++;
  }
  return at;
}

function patternAt(query: string, at: number): Token {
  for (const [type, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(query)?.[0];
    if (text !== undefined) return { type, text, at };
  }
  throw malformed(`unexpected token: '${query.charAt(at)}'`, at);
}

function stringAt(query: string, start: number): Token {
  const characters: StringCharacter[] = [];
  for (let at = start + 1; at < query.length; at++) {
    const char = query.charAt(at);
    if (char === "'") return { type: 'string', characters, text: query.slice(start, at + 1), at: start };
    if (char !== '\\') {
      characters.push({ char, escaped: false });
      continue;
    }
    const meant = unescaped(query.charAt(++at));
    if (meant === undefined) {
      throw malformed(`Illegal character sequence '\\${query.charAt(at)}' in string literal`, at - 1);
    }
    characters.push({ char: meant, escaped: true });
  }
  throw malformed('unexpected end of query: a string is not closed with a single quote', start);
}
