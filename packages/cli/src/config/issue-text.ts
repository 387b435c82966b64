import type { z } from 'zod';
import { didYouMean } from './closest-name.js';
import type { SettingPath } from './place.js';
import { namesAt } from './schema-walk.js';
import { settings } from './settings/settings.js';

/** What is wrong at a path. `isName`: it is the name of the setting and not its value. */
export interface Finding {
  readonly path: SettingPath;
  readonly message: string;
  readonly isName?: boolean;
}

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'settings, each on a line of its own',
  record: 'settings, each on a line of its own',
  array: 'a list',
  null: 'null',
};

/**
 * What an issue of zod says, in words that help. No value of a setting is part of it, as it may be secret, but for the
 * words of a choice.
 *
 * @param value - The whole configuration.
 */
export function findingsOf(issue: Issue, value: unknown): readonly Finding[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknownName(path, name, value));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return ofUnion(issue, path, value);
  return [{ path, message: messageOf(issue, valueAt(value, path)), isName: issue.code === 'invalid_key' }];
}

function unknownName(path: SettingPath, name: string, value: unknown): Finding {
  const names = namesAt(settings, path, value);
  const hint = didYouMean(name, names) || (names.length > 0 ? ` The settings here are ${names.join(', ')}.` : '');
  return { path: [...path, name], message: `there is no such setting.${hint}`, isName: true };
}

function messageOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeMessage(KINDS[issue.expected] ?? issue.expected, value);
    case 'invalid_value':
      return value === undefined
        ? `is missing. It must be ${listOf(issue.values)}.`
        : `must be ${listOf(issue.values)}.${wordHint(value, issue.values)}`;
    case 'too_small':
      if (issue.origin === 'string' || issue.origin === 'array') return 'must not be empty.';
      return `must be ${String(issue.minimum)} or more.`;
    case 'too_big':
      return `must be ${String(issue.maximum)} or less.`;
    case 'invalid_union':
      return unionMessage(issue, value);
    case 'invalid_key':
      return `${issue.issues[0]?.message ?? 'is no valid name'}.`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return `${issue.message}.`;
  }
}

function typeMessage(expected: string, value: unknown): string {
  if (value === undefined) return `is missing. It must be ${expected}.`;
  if (value === null) return `has nothing in it. Give ${expected}, or remove it.`;
  if (expected === 'a text' && typeof value !== 'object') return 'must be a text: put it between quotes.';
  return `must be ${expected}.`;
}

function unionMessage(issue: Issue, value: unknown): string {
  const { options = [] } = issue as { readonly options?: readonly unknown[] };
  if (value === undefined) return `is missing. It must be ${listOf(options)}.`;
  return `must be ${listOf(options)}.${wordHint(value, options)}`;
}

/** Of several forms, the one that the value comes closest to; or all, where none fits at all. */
function ofUnion(
  issue: Issue & { readonly code: 'invalid_union' },
  path: SettingPath,
  value: unknown,
): readonly Finding[] {
  const deepest = issue.errors
    .filter((issues) => issues.every((each) => each.path.length > 0))
    .flatMap((issues) => issues.map((each) => ({ ...each, path: [...path, ...each.path] })));
  if (deepest.length > 0) return deepest.flatMap((each) => findingsOf(each, value));
  const kinds = issue.errors.flat().flatMap((each) => kindsOf(each));
  return [{ path, message: typeMessage([...new Set(kinds)].join(', or '), valueAt(value, path)) }];
}

function kindsOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_type') return [KINDS[issue.expected] ?? issue.expected];
  if (issue.code === 'too_small') return ['a text that is not empty'];
  return issue.code === 'invalid_value' ? issue.values.map(String) : [];
}

function wordHint(value: unknown, words: readonly unknown[]): string {
  return typeof value === 'string' ? didYouMean(value, words.map(String)) : '';
}

function listOf(values: readonly unknown[]): string {
  const words = values.map(String);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function valueAt(value: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>((inner, part) => (Object(inner) as Record<string, unknown>)[part], value);
}
