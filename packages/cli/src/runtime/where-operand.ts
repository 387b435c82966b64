import type { SchemaField } from './schema-fields.js';

/** What a field can be compared with. */
export type Operand = string | number | bigint | boolean | null;

const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/** Data types whose numbers are milliseconds since 1970. Where the schema says none, a time is taken for these, too. */
const OF_TIME: readonly string[] = ['DateTime', 'DateOnly', 'Birthday', ''];

/**
 * A value of the configuration as a field has it: `'10'` for a number is 10, `'true'` for a boolean is true, and a date
 * or a time in ISO 8601 is its milliseconds since 1970, as events have them. A date alone is its begin in UTC.
 *
 * @returns `undefined` where no value of the field is this one.
 */
export function operandFor(
  { kinds, dataType }: Pick<SchemaField, 'kinds' | 'dataType'>,
  given: unknown,
): Operand | undefined {
  if (given === null || kinds.length === 0) return given as Operand;
  if (typeof given === 'number') return kinds.includes('number') ? given : undefined;
  if (typeof given === 'boolean') return kinds.includes('boolean') ? given : undefined;
  if (typeof given !== 'string') return undefined;
  if (kinds.includes('text')) return given;
  if (kinds.includes('boolean')) return booleanIn(given);
  return kinds.includes('number') ? (numberIn(given) ?? timeIn(given, dataType)) : undefined;
}

function booleanIn(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return word === 'true' || word === 'false' ? word === 'true' : undefined;
}

/** Events have long numbers as bigints, where a number would not be exact. */
function numberIn(text: string): number | bigint | undefined {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isInteger(number) && !Number.isSafeInteger(number) && /^-?\d+$/.test(trimmed)
    ? BigInt(trimmed)
    : number;
}

function timeIn(text: string, dataType: string): number | undefined {
  if (!OF_TIME.includes(dataType) || !TIME.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
