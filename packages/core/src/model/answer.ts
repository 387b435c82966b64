import { Err, Ok, type Result } from './result.js';

/**
 * What a port answered, as a result of this copy of ts-results; `undefined` where it is none. Known by its shape: whoever
 * implements a port may have another copy, or none.
 */
export function resultOf(answer: unknown): Result<unknown, unknown> | undefined {
  if (typeof answer !== 'object' || answer === null || !('val' in answer)) return undefined;
  const { ok, val } = answer as { ok?: unknown; val: unknown };
  if (typeof ok !== 'boolean') return undefined;
  return ok ? Ok(val) : Err(val);
}

/** What a value is, in a few words and without what it holds, which may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text';
  if (typeof value === 'object') return kindOfObject(value);
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

function kindOfObject(value: object): string {
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid Date';
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null;
  const name = prototype?.constructor?.name ?? 'Object';
  if (name !== 'Object' && name !== '') return `an instance of ${name}`;
  const keys = Object.keys(value).slice(0, 5).join(', ');
  return keys === '' ? 'an empty object' : `an object of ${keys}`;
}

/** Does what must not fail, such as giving something up. Never throws, never rejects, whatever that does. */
export async function quietly(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {
    // There is nobody to tell: what was to be given up is no longer used.
  }
}
