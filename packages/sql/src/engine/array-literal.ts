import type { SqlValue } from './database.js';

/**
 * An array as PostgreSQL writes it. pg would write arrays, too, but takes twice as long for it, which is most of the
 * time of a large batch.
 */
export function arrayLiteral(values: readonly (SqlValue | undefined)[]): string {
  return `{${values.map(element).join(',')}}`;
}

function element(value: SqlValue | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') {
    return `"${/["\\]/.test(value) ? value.replaceAll(/["\\]/g, String.raw`\$&`) : value}"`;
  }
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value).toString('hex')}"`;
  return String(value);
}
