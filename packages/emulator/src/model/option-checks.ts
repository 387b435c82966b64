import { closestName } from '@rxforce/core/codec';
import { wholeNumber as checkedNumber } from '@rxforce/core/internal';
import { checkOptionNames, ConfigurationError } from '@rxforce/core/model';
import { inspect } from 'node:util';

/**
 * Reads a value from any source, such as TypeScript code or a JSON body.
 *
 * @throws `ConfigurationError` when it is not valid; `path` names its place.
 */
export type Check<T> = (path: string, value: unknown) => T;

/** How each option is read. */
export type Checks<T> = { readonly [Key in keyof T]-?: Check<T[Key]> };

/**
 * Reads options, and refuses unknown ones.
 *
 * @param what - The owner of the options, for messages.
 * @throws `ConfigurationError` when one is unknown or not valid.
 */
export function readOptions<T extends object>(what: string, input: unknown, checks: Checks<T>): T {
  const options = plainObject(what, input);
  const known = Object.keys(checks);
  const [first] = Object.keys(options);
  if (known.length === 0 && first !== undefined) {
    throw new ConfigurationError(`${what} has no option "${first}". It takes none.`);
  }
  checkOptionNames(options, known, { of: what });
  const read = Object.entries<Check<unknown>>(checks).map(
    ([name, check]) => [name, check(`${what}: ${name}`, options[name])] as const,
  );
  return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as T;
}

/** Makes a check optional. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (path, value) => (value === undefined ? undefined : check(path, value));
}

/** A text. */
export const text: Check<string> = (path, value) => {
  if (typeof value !== 'string') throw wrong(path, 'a string', value);
  return value;
};

/** A list of texts. */
export const listOfTexts: Check<readonly string[]> = (path, value) => {
  if (!Array.isArray(value)) throw wrong(path, 'a list of strings', value);
  return value.map((each, index) => text(`${path}[${index}]`, each));
};

/** Yes or no. */
export const flag: Check<boolean> = (path, value) => {
  if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
  return value;
};

/** A whole number in a range. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): Check<number> {
  return (path, value) => checkedNumber(path, value, least, most);
}

/** One of some words. */
export function oneOf<T extends string>(words: readonly T[]): Check<T> {
  return (path, value) => {
    const word = words.find((each) => each === value);
    if (word === undefined) throw wrong(path, `one of ${words.join(', ')}`, value, words);
    return word;
  };
}

function plainObject(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(what, 'an object with options', value);
  }
  return value as Readonly<Record<string, unknown>>;
}

/**
 * The error of a value that is not valid: what the option takes, and what it got.
 *
 * @param words - The names that could have been meant.
 */
export function wrong(
  path: string,
  expected: string,
  value: unknown,
  words: readonly string[] = [],
): ConfigurationError {
  const meant = typeof value === 'string' ? suggestion(value, words) : '';
  return new ConfigurationError(`${path} takes ${expected}, and was given ${inspect(value)}.${meant}`);
}

/** Asks for the name that was probably meant; empty where none comes close. */
export function suggestion(unknown: string, names: readonly string[]): string {
  const closest = closestName(unknown, names);
  return closest === undefined ? '' : ` Did you mean "${closest}"?`;
}
