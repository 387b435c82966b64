import type { Literal } from './ast.js';
import { parseMoment, parseTime } from './moments.js';
import { isRelativeDate } from './relative-dates.js';
import { malformed } from './soql-error.js';
import { textOf } from './string-literal.js';
import type { TokenReader } from './token-reader.js';
import type { Token } from './tokens.js';

/** Reads a value. */
export function parseLiteral(reader: TokenReader): Literal {
  const token = reader.peek;
  switch (token.type) {
    case 'string':
      reader.take();
      return { type: 'string', value: textOf(token.characters) };
    case 'number':
      reader.take();
      return { type: 'number', value: Number(token.text) };
    case 'moment':
      reader.take();
      return momentOf(token);
    case 'word':
      return parseWord(reader, token);
    case 'symbol':
    case 'end':
      throw reader.unexpected('a value');
  }
}

function parseWord(reader: TokenReader, { text }: Token): Literal {
  const name = text.toUpperCase();
  if (name === 'NULL') {
    reader.take();
    return { type: 'null' };
  }
  if (name === 'TRUE' || name === 'FALSE') {
    reader.take();
    return { type: 'boolean', value: name === 'TRUE' };
  }
  if (!isRelativeDate(name)) throw reader.unexpected('a value');
  reader.take();
  return { type: 'relative-date', name, ...(/(?:_N_|^N_)/.test(name) ? { count: parseCount(reader) } : {}) };
}

/** The number after the colon of `LAST_N_DAYS:30`. */
function parseCount(reader: TokenReader): number {
  reader.expectSymbol(':');
  return parseWholeNumber(reader);
}

/** Reads a whole number from 0. */
export function parseWholeNumber(reader: TokenReader): number {
  const { type, text } = reader.peek;
  if (type !== 'number' || !/^\d+$/.test(text)) throw reader.unexpected('a whole number');
  reader.take();
  return Number(text);
}

function momentOf({ text, at }: Token): Literal {
  const isTime = /^\d\d:/.test(text);
  const value = isTime ? parseTime(text) : parseMoment(text);
  if (Number.isNaN(value)) throw malformed(`Invalid date, time or datetime: ${text}`, at);
  return { type: isTime ? 'time' : text.includes(':') ? 'datetime' : 'date', value };
}
