import type { Result } from './result.js';

/**
 * Whether a port answered with a result of ts-results, as ports once did. The shape decides, as there may be several
 * copies of ts-results.
 */
export function isResult(answer: unknown): answer is Result<unknown, unknown> {
  if (typeof answer !== 'object' || answer === null || !('val' in answer)) return false;
  return typeof (answer as { ok?: unknown }).ok === 'boolean';
}

/** The error that a port resolved with, although it should have rejected with it. */
export function errorIn(answer: unknown): Error | undefined {
  const value = isResult(answer) ? answer.val : answer;
  return value instanceof Error ? value : undefined;
}

/** The message of any thrown value. Never throws. */
export function reasonOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'it cannot be printed';
  }
}

/** The kind of a value, in a few words and without its content, which may be a secret. */
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

/** Does work whose failure does not matter, such as a release. Never throws and never rejects. */
export async function quietly(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {
    // Nobody needs to know: the thing to give up is not used any more.
  }
}
