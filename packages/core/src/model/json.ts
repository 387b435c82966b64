import { plainText } from './plain-text.js';

/** Most levels of nesting that are followed, as a value may contain itself. */
const MOST_LEVELS = 100;
const MOST_CAUSES = 5;
const MOST_CHARACTERS = 4_000;
/** Two copies of this package agree on what is an RxforceError by this brand. */
export const ERROR_BRAND = Symbol.for('@rxforce/core/RxforceError');
/** Marks a value whose `toJSON` was made by `asText`, for callers that want the values themselves. */
const IS_FOR_READING = Symbol.for('@rxforce/core/json');

/**
 * A value as JSON can hold it, for logs, queues and files: a bigint as its digits, bytes in base64, an error with its
 * name, message and code and without its stack, a replay id as its text. All else is as in `JSON.stringify`.
 *
 * `JSON.stringify` does this by itself for events, headers, errors and replay ids. This function is for values made of
 * them, such as `{ ...event.header }`, and for values of any other kind.
 */
export function jsonOf(value: unknown): unknown {
  return jsonAt(value, 0);
}

function jsonAt(value: unknown, level: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (level > MOST_LEVELS) return '…';
  if (value instanceof Uint8Array) return base64Of(value);
  if (Array.isArray(value)) return value.map((item) => jsonAt(item, level + 1));
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function' && !isForReading(value)) return toJSON.call(value, '') as unknown;
  return value instanceof Error ? errorJson(value) : entriesJson(value, level);
}

/** Takes own fields only. Fields under a symbol and inherited fields are not the value's content. */
function entriesJson(value: object, level: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, jsonAt(each, level + 1)]));
}

/**
 * The content of an error and its causes, without the stack. An error of rxforce gives all its fields. Any other gives
 * only name, message and code, as its other fields may hold secrets.
 */
export function errorJson(error: Error, causes = 0): Record<string, unknown> {
  // The stack and the message are not enumerable.
  const { name, cause, code, ...rest } = error as Error & { readonly code?: unknown };
  const { message } = error;
  return {
    name,
    message: plainText(message === '' ? messageOfAttempts(error) : message, MOST_CHARACTERS),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(ERROR_BRAND in error && entriesJson(rest, 0)),
    ...(cause !== undefined && causes < MOST_CAUSES && { cause: causeJson(cause, causes + 1) }),
  };
}

function causeJson(cause: unknown, causes: number): unknown {
  if (cause instanceof Error) return errorJson(cause, causes);
  if (typeof cause === 'string') return plainText(cause, MOST_CHARACTERS);
  return typeof cause === 'bigint' || typeof cause === 'number' ? String(cause) : Object.prototype.toString.call(cause);
}

/** Where several addresses were tried, Node's error has no message, but the errors of the attempts have. */
function messageOfAttempts(error: Error): string {
  const { errors } = error as { readonly errors?: unknown };
  if (!Array.isArray(errors)) return '';
  return errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ');
}

function base64Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** The one `toJSON` of all values that `asText` marks. It saves a closure for each of them. */
function toJSON(this: object): Record<string, unknown> {
  return entriesJson(this, 0);
}
Object.defineProperty(toJSON, IS_FOR_READING, { value: true });

/**
 * Gives a value a hidden `toJSON`. It is no enumerable field, so the value equals the same values as before, and a copy
 * has none.
 *
 * @returns The value itself.
 */
export function asText<T extends object>(value: T): T {
  // The value's own field of that name takes precedence.
  if (Object.hasOwn(value, 'toJSON')) return value;
  return Object.defineProperty(value, 'toJSON', { value: toJSON, writable: true, configurable: true });
}

/** Whether a value's `toJSON` is rxforce's own. That one is for reading: it gives texts for bigints. */
export function isForReading(value: object): boolean {
  const { toJSON: own } = value as { readonly toJSON?: unknown };
  return typeof own === 'function' && IS_FOR_READING in own;
}
