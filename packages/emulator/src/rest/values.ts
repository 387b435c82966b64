import { COMPOUND_TYPES } from '../org/field.js';
import { to18 } from '../model/record-ids.js';
import type { FieldValue, ScalarValue } from '../org/values.js';
import { parseMoment, parseTime } from '../soql/moments.js';
import type { FieldKind } from '../soql/queryable.js';
import type { RestField } from './rest-field.js';
import { RestProblem } from './rest-problem.js';

const DATE = /^\d{4}-\d\d-\d\d$/;
const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i;
const TIME = /^\d\d:\d\d:\d\d(?:\.\d+)?Z?$/i;
const RECORD_ID = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Whether this has the form of a record's id: 15 or 18 letters and digits. */
export function isRecordId(id: string): boolean {
  return RECORD_ID.test(id);
}

/** A value for answers: dates and times in ISO's form, compounds with their parts in lower case. */
export function jsonOf({ type, kind }: RestField, value: FieldValue): unknown {
  if (value === null) return kind === 'boolean' ? false : null;
  if (typeof value === 'object') {
    const parts = Object.keys(type.type === 'address' ? COMPOUND_TYPES.Address : COMPOUND_TYPES.Location);
    return Object.fromEntries(parts.map((part) => [lowerFirst(part), value[part] ?? null]));
  }
  switch (type.type) {
    case 'date':
      return new Date(Number(value)).toISOString().slice(0, 10);
    case 'datetime':
      return datetimeOf(Number(value));
    case 'time':
      return new Date(Number(value)).toISOString().slice(11);
    default:
      return value;
  }
}

function lowerFirst(part: string): string {
  return part.charAt(0).toLowerCase() + part.slice(1);
}

/** A moment for answers, from milliseconds since 1970. */
export function datetimeOf(value: number): string {
  return new Date(value).toISOString().replace('Z', '+0000');
}

/**
 * The value that a client sent for a field.
 *
 * @throws {@link RestProblem} when it is not of the field's type, or too long.
 */
export function valueOf(field: RestField, json: unknown): ScalarValue | null {
  if (json === null || json === '') return field.kind === 'boolean' ? refuse(field, json) : null;
  if (typeof json === 'object' || json === undefined) return refuse(field, json);
  return READERS[field.kind](field, json as ScalarValue);
}

type Reader = (field: RestField, json: ScalarValue) => ScalarValue;

const READERS: Readonly<Record<FieldKind, Reader>> = {
  string: readText,
  id: readId,
  double: readNumber,
  boolean: readBoolean,
  date: (field, json) => readMoment(field, json, DATE, parseMoment),
  dateTime: (field, json) => readMoment(field, json, DATETIME, parseMoment),
  time: (field, json) => readMoment(field, json, TIME, parseTime),
  compound: refuse,
};

function readText(field: RestField, json: ScalarValue): string {
  const text = String(json);
  if (text.length > field.type.length) {
    const message = `${field.label}: data value too large: ${text} (max length=${field.type.length})`;
    throw new RestProblem(400, 'STRING_TOO_LONG', message, [field.name]);
  }
  return text;
}

function readId(field: RestField, json: ScalarValue): string {
  const id = String(json);
  if (!isRecordId(id)) {
    throw new RestProblem(400, 'MALFORMED_ID', `${field.label}: id value of incorrect type: ${id}`, [field.name]);
  }
  return to18(id);
}

/** Numbers may come as text, as the service accepts them. */
function readNumber(field: RestField, json: ScalarValue): number {
  const number = typeof json === 'boolean' || !NUMBER.test(String(json).trim()) ? NaN : Number(json);
  const fits = field.type.type !== 'int' || (number | 0) === number;
  return Number.isFinite(number) && fits ? number : refuse(field, json);
}

function readBoolean(field: RestField, json: ScalarValue): boolean {
  if (json === true || json === 'true') return true;
  return json === false || json === 'false' ? false : refuse(field, json);
}

function readMoment(field: RestField, json: ScalarValue, form: RegExp, parse: (text: string) => number): number {
  const text = String(json);
  const value = form.test(text) ? parse(text) : NaN;
  return Number.isNaN(value) ? refuse(field, json) : value;
}

function refuse({ type, name }: RestField, json: unknown): never {
  const token = Array.isArray(json) ? 'START_ARRAY' : TOKENS[json === null ? 'null' : typeof json];
  const shown = typeof json === 'object' && json !== null ? JSON.stringify(json) : String(json);
  const message = `Cannot deserialize instance of ${type.type} from ${token ?? 'VALUE'} value ${shown} (field ${name})`;
  throw new RestProblem(400, 'JSON_PARSER_ERROR', message);
}

/** A parser's name for the beginning of a value. */
const TOKENS: Readonly<Record<string, string>> = {
  string: 'VALUE_STRING',
  number: 'VALUE_NUMBER',
  boolean: 'VALUE_BOOLEAN',
  object: 'START_OBJECT',
  null: 'VALUE_NULL',
};
