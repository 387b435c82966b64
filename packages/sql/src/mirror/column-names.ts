import { createHash } from 'node:crypto';

/** Longest name that PostgreSQL keeps whole, in bytes. */
const MAX_BYTES = 63;
const HASH_DIGITS = 8;

/**
 * The column of a field, or of a part of a compound field: its name in the REST API, in snake case. `AnnualRevenue` is
 * `annual_revenue`, `BillingAddress.City` is `billing_city`, `Level__c` is `level__c`.
 *
 * Two fields of an object never get the same column. Names of standard fields have no underscores, and names of custom
 * fields have two. So only standard names are split into words, and custom names are only put into lower case; the org
 * itself makes both unique, whatever their case.
 *
 * @param path - A field's name, or `Compound.Child`.
 */
export function columnOf(path: string): string {
  const [field = '', child] = path.split('.');
  return limited(snake(child === undefined ? field : restName(field, child)), path);
}

/** The table of an object. */
export function tableOf(entity: string): string {
  return limited(snake(entity), entity);
}

/** The name of a part of a compound field in the REST API. */
function restName(field: string, child: string): string {
  if (field === 'Name') return child;
  if (field.endsWith('__c')) return `${field.slice(0, -1)}${child}__s`;
  return `${field.replace(/Address$/, '')}${child}`;
}

function snake(name: string): string {
  if (name.includes('__')) return name.toLowerCase();
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** A name that is too long gets a hash in place of its end. */
function limited(name: string, path: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const hash = createHash('sha256').update(path).digest('hex').slice(0, HASH_DIGITS);
  return `${Buffer.from(name)
    .subarray(0, MAX_BYTES - HASH_DIGITS - 1)
    .toString('latin1')}_${hash}`;
}
