import { types } from 'node:util';
import { asText, isForReading, ReplayId } from '@rxforce/core/model';

/*
 * A value that JSON lacks is written as an object with one field, whose name begins with a `$`: `{"$bigint":"5"}`. An
 * object that has such field names itself gets one more `$` before each, so it is never taken for one of these.
 */

/** Restores the original value from the value under each tag. */
const READERS: Readonly<Record<string, (written: unknown) => unknown>> = {
  $undefined: () => undefined,
  $number: Number,
  $bigint: (digits) => BigInt(digits as string),
  $date: (text) => new Date((text ?? NaN) as string),
  $replayId: (base64) => ReplayId.fromBytes(Buffer.from(base64 as string, 'base64')),
  $buffer: (base64) => Buffer.from(base64 as string, 'base64'),
  $bytes: (base64) => Uint8Array.from(Buffer.from(base64 as string, 'base64')),
  $set: (items) => new Set((items as unknown[]).map(decode)),
  $map: (pairs) => new Map((pairs as [unknown, unknown][]).map(([key, value]) => [decode(key), decode(value)])),
};

/**
 * Writes a value as JSON that `parseTagged` reads back, including bigints, bytes, dates, replay ids, sets, maps,
 * `undefined`, and the numbers that JSON lacks.
 *
 * As in JSON, an object of a class is written as the result of its `toJSON()`, or else as its own fields. Fields that
 * are functions, or named by symbols, are left out. A function or symbol anywhere else is written as `undefined`.
 *
 * @throws `TypeError` when the value contains itself; also any error of a getter or a `toJSON()`.
 */
export function formatTagged(value: unknown): string {
  return JSON.stringify(encode(value));
}

/**
 * Reads the text that `formatTagged` wrote.
 *
 * @throws `SyntaxError` when the text is anything else.
 */
export function parseTagged(text: string): unknown {
  return decode(JSON.parse(text));
}

/** A step down into a value: the name, the object it starts from, and the step before it. */
interface Step {
  readonly name: string;
  readonly from: object;
  readonly before: Step | undefined;
}

function encode(value: unknown, step?: Step): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Object.is(value, -0)) return { $number: '-0' };
      return Number.isFinite(value) ? value : { $number: String(value) };
    case 'bigint':
      return { $bigint: String(value) };
    case 'object':
      return value === null ? null : encodeObject(value, step);
    case 'undefined':
    case 'function':
    case 'symbol':
      return { $undefined: true };
  }
}

function encodeObject(value: object, step: Step | undefined): unknown {
  if (ReplayId.is(value)) return { $replayId: value.toString() };
  if (types.isDate(value)) return { $date: Number.isNaN(value.getTime()) ? null : value.toISOString() };
  if (Buffer.isBuffer(value)) return { $buffer: value.toString('base64') };
  if (types.isUint8Array(value)) return { $bytes: base64Of(value) };
  refuseCycle(value, step);
  const below = (name: string, inner: unknown) => encode(inner, { name, from: value, before: step });
  if (Array.isArray(value)) return Array.from(value, (item, index) => below(String(index), item));
  if (types.isSet(value)) return { $set: Array.from(value, (item, index) => below(String(index), item)) };
  if (types.isMap(value)) {
    return { $map: Array.from(value, ([key, item]) => [below('key', key), below('value', item)]) };
  }
  const json = hasToJson(value) ? value.toJSON(step?.name ?? '') : value;
  if (json !== value) return below('toJSON()', json);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => typeof field !== 'function' && typeof field !== 'symbol')
      .map(([name, field]) => [name.startsWith('$') ? `$${name}` : name, below(name, field)]),
  );
}

function refuseCycle(value: object, last: Step | undefined): void {
  const names: string[] = [];
  for (let step = last; step; step = step.before) {
    names.unshift(step.name);
    if (step.from === value) throw new TypeError(`an object in it contains itself, by ${names.join('.')}`);
  }
}

function decode(written: unknown): unknown {
  if (typeof written !== 'object' || written === null) return written;
  if (Array.isArray(written)) return written.map(decode);
  const fields = Object.entries(written);
  const [name, content] = fields[0] ?? [];
  if (name !== undefined && isTag(name)) return decodeTag(name, content);
  const read = fields.map(([key, field]) => [key.startsWith('$') ? key.slice(1) : key, decode(field)] as const);
  const object = Object.fromEntries(read);
  // A header whose letter is printed.
  return read.some(([, value]) => typeof value === 'bigint') ? asText(object) : object;
}

function decodeTag(tag: string, content: unknown): unknown {
  const reader = READERS[tag];
  if (!reader) throw new SyntaxError(`it has a ${tag}, which this version of rxforce does not know`);
  return reader(content);
}

function isTag(name: string): boolean {
  return name.startsWith('$') && !name.startsWith('$$');
}

function hasToJson(value: object): value is { toJSON: (name: string) => unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function' && !isForReading(value);
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
