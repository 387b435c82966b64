import { ConfigurationError } from '@rxforce/core/model';

/** By default in front of all keys. */
export const DEFAULT_PREFIX = 'rxforce';

/**
 * The hash tag of keys that belong together: `{prefix:part:part}`. Redis Cluster keeps keys with the same one in one slot.
 *
 * The parts are joined by colons, and what could be taken for one, or ends a tag, is escaped: no two lists of parts have the
 * same tag.
 */
export function hashTag(prefix: string, parts: readonly string[]): string {
  return `{${[prefix, ...parts.map(escaped)].join(':')}}`;
}

/** Checks a prefix, and gives it back. */
export function checkedPrefix(prefix: unknown = DEFAULT_PREFIX): string {
  if (typeof prefix === 'string' && /^[^{}\s\0]+$/.test(prefix)) return prefix;
  throw new ConfigurationError(
    `prefix is ${JSON.stringify(prefix)}, but must be a text without braces and white space, such as "rxforce".`,
  );
}

/** A part of a key. Printable ASCII stays as it is. Lone surrogates have no UTF-8, so code units are written and not bytes. */
export function escaped(part: string): string {
  return part.replace(/[^!-~]|[:%{}]/g, (unit) => {
    const code = unit.charCodeAt(0).toString(16);
    return code.length <= 2 ? `%${code.padStart(2, '0')}` : `%u${code.padStart(4, '0')}`;
  });
}
