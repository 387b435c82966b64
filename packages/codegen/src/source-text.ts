/** Widest line, which is the setting of this project's formatter. Others can be configured to it. */
const MAX_WIDTH = 120;

/** A text as a string literal: in single quotes, unless these need more escapes than double quotes. */
export function stringLiteral(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replace(/[\u2028\u2029]/g, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`);
  const quote = count(text, "'") > count(text, '"') ? '"' : "'";
  return `${quote}${escaped.replaceAll(quote, `\\${quote}`)}${quote}`;
}

/** The key of a property, without quotes where it is an identifier. */
export function propertyKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : stringLiteral(name);
}

/** A doc comment of one line or more, from texts that can neither end it nor act as compiler directives. */
export function docComment(lines: readonly string[], indent = ''): string {
  const safe = lines.map(commentLine);
  if (safe.length === 1) return `${indent}/** ${safe[0] ?? ''} */\n`;
  const body = safe.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`);
  return `${indent}/**\n${body.join('')}${indent} */\n`;
}

/**
 * A declaration that ends in a union. The union is on the same line, on the next one, or has one line for each member,
 * depending on the space.
 */
export function withUnion(head: string, members: readonly string[], indent = ''): string {
  const all = `${members.join(' | ')};`;
  const line = `${indent}${head} ${all}`;
  if (widthOf(line) <= MAX_WIDTH) return `${line}\n`;
  const nextLine = `${indent}  ${all}`;
  if (widthOf(nextLine) <= MAX_WIDTH) return `${indent}${head}\n${nextLine}\n`;
  return `${indent}${head}\n${members.map((member) => `${indent}  | ${member}`).join('\n')};\n`;
}

function commentLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll('*/', '*\\/')
    .replaceAll('@', '\\@')
    .trimEnd();
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** Columns of a text: two for the wide characters of East Asia and for emoji, none for combining accents. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    width += /\p{Mn}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  }
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
