import type { PatternPart } from './ast.js';

/** A character of a string, and whether a backslash came before it. */
export interface StringCharacter {
  readonly char: string;
  readonly escaped: boolean;
}

/** The meaning of a backslash and a letter. `%` and `_` mean themselves, which matters after LIKE. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['%', '%'],
  ['_', '_'],
]);

/** The meaning of the character after a backslash; `undefined` where there is no such escape. */
export function unescaped(char: string): string | undefined {
  return ESCAPES.get(char) ?? ESCAPES.get(char.toLowerCase());
}

/** A string's value. */
export function textOf(characters: readonly StringCharacter[]): string {
  return characters.map(({ char }) => char).join('');
}

/** A string as a pattern: `%` is any text and `_` any character, unless a backslash comes before it. */
export function patternOf(characters: readonly StringCharacter[]): PatternPart[] {
  const parts: PatternPart[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') {
      parts.push({ type: 'text', text });
      text = '';
    }
  };
  for (const { char, escaped } of characters) {
    if (escaped || (char !== '%' && char !== '_')) {
      text += char;
      continue;
    }
    flush();
    parts.push({ type: char === '%' ? 'any' : 'one' });
  }
  flush();
  return parts;
}
