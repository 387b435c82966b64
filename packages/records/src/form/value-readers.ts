import { kindOf, ProtocolError, type FieldKind } from '@rxforce/core/model';
import type { DescribedField } from './object-description.js';

/** Turns a value of an answer, in JSON or as a text of a table, into that of an event. */
export type ValueReader = (value: unknown) => unknown;

/**
 * Makes the reader of a field's values. The kind comes from the schema of the events. It cannot tell a date from a
 * time, as both are numbers there: the type in the REST API can, which is also that of the text.
 *
 * @param kind - Of the field in events.
 * @param type - Of the column in the REST API.
 * @param path - The field, for errors: `Account.Industry`.
 * @returns `undefined` where no value of the REST API can be one of the event's.
 */
export function valueReader(kind: FieldKind, { type }: DescribedField, path: string): ValueReader | undefined {
  switch (kind) {
    case 'text':
      return textReader(path);
    case 'boolean':
      return booleanReader(path);
    case 'number':
      return numberReader(type, path);
    case 'bytes':
    case 'list':
    case 'compound':
      return undefined;
  }
}

/** Salesforce has no empty texts, and a table has no other way to show that there is none. */
function isEmpty(value: unknown): boolean {
  return value === null || value === '' || value === undefined;
}

function textReader(path: string): ValueReader {
  return (value) => {
    if (isEmpty(value)) return null;
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : refuse(path, 'a text', value);
  };
}

function booleanReader(path: string): ValueReader {
  return (value) => {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    return isEmpty(value) ? null : refuse(path, 'true or false', value);
  };
}

function numberReader(type: string, path: string): ValueReader {
  const parse = PARSERS[type] ?? Number;
  const expected = PARSERS[type] === undefined ? 'a number' : `a ${type}`;
  return (value) => {
    if (isEmpty(value)) return null;
    const number = typeof value === 'string' ? parse(value) : value;
    return Number.isFinite(number) ? number : refuse(path, expected, value);
  };
}

const PARSERS: Readonly<Partial<Record<string, (text: string) => number>>> = {
  date: Date.parse,
  datetime: parseDateTime,
  time: parseTime,
};

/** Epoch milliseconds of `2026-11-28T16:37:05.000+0000`, and of the form with `Z` that tables have. */
function parseDateTime(text: string): number {
  // Without a colon in the offset, it is no time of ISO 8601 for Date.parse, which takes its slow way.
  return Date.parse(text.endsWith('+0000') ? `${text.slice(0, -5)}Z` : text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}

/** Milliseconds since midnight of `10:15:00.000Z`. */
function parseTime(text: string): number {
  return Date.parse(`1970-01-01T${text}${text.endsWith('Z') ? '' : 'Z'}`);
}

/** A value is the user's, so no error shows it. */
function refuse(path: string, expected: string, value: unknown): never {
  const given = typeof value === 'string' ? 'another text' : kindOf(value);
  throw new ProtocolError(`The org sent ${given} as the value of ${path}, which should be ${expected}.`);
}
