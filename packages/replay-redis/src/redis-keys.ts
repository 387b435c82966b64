import { ConfigurationError } from '@rxforce/core/model';

/** The default prefix of all keys. */
export const DEFAULT_PREFIX = 'rxforce';

/**
 * The hash tag of keys that belong together: `{prefix:part:part}`. Redis Cluster keeps keys with the same tag in one
 * slot.
 *
 * The parts are joined by colons. Colons and braces inside a part are escaped, so no two lists of parts have the same
 * tag.
 */
export function hashTag(prefix: string, parts: readonly string[]): string {
  return `{${[prefix, ...parts.map(escaped)].join(':')}}`;
}

/** The parts of a hash tag that `hashTag` made; `undefined` for any other text. */
export function partsIn(prefix: string, tag: string): readonly string[] | undefined {
  const begin = `{${prefix}:`;
  if (!tag.startsWith(begin) || !tag.endsWith('}')) return undefined;
  const parts = tag.slice(begin.length, -1).split(':');
  return parts.every((part) => !/[{}]/.test(part)) ? parts.map(unescaped) : undefined;
}

function unescaped(part: string): string {
  return part.replace(/%u([0-9a-f]{4})|%([0-9a-f]{2})/g, (_, wide: string | undefined, narrow: string) =>
    String.fromCharCode(parseInt(wide ?? narrow, 16)),
  );
}

/** Checks a prefix, and returns it. */
export function checkedPrefix(prefix: unknown = DEFAULT_PREFIX): string {
  if (typeof prefix === 'string' && /^[^{}\s\0]+$/.test(prefix)) return prefix;
  throw new ConfigurationError(
    `prefix is ${JSON.stringify(prefix)}, but must be a text without braces and white space, such as "rxforce".`,
  );
}

/**
 * A part of a key. Printable ASCII stays as it is. Lone surrogates have no UTF-8, so code units are written instead of
 * bytes.
 */
export function escaped(part: string): string {
  return part.replace(/[^!-~]|[:%{}]/g, (unit) => {
    const code = unit.charCodeAt(0).toString(16);
    return code.length <= 2 ? `%${code.padStart(2, '0')}` : `%u${code.padStart(4, '0')}`;
  });
}
