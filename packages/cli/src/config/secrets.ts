import type { z } from 'zod';
import type { SettingPath } from './place.js';
import { isSecretAt, shownAt } from './schema-walk.js';

/** What stands for a secret. */
export const HIDDEN = '***';

/** The secrets of a configuration, or what is made of each of them. */
export function secretsIn(schema: z.core.$ZodType, value: unknown): readonly string[];
export function secretsIn<R>(
  schema: z.core.$ZodType,
  value: unknown,
  project: (path: SettingPath, secret: string) => R | undefined,
): readonly R[];
export function secretsIn(
  schema: z.core.$ZodType,
  value: unknown,
  project: (path: SettingPath, secret: string) => unknown = (_path, secret) => secret,
): readonly unknown[] {
  const found: unknown[] = [];
  visit(value, [], (path, text) => {
    if (!isSecretAt(schema, path, value)) return;
    const made = project(path, String(text));
    if (made !== undefined) found.push(made);
  });
  return found;
}

/**
 * A configuration that can be printed: `***` stands for each secret, for passwords inside of URLs, and for paths with
 * tokens.
 */
export function withoutSecrets(schema: z.core.$ZodType, value: unknown): unknown {
  const copy = (inner: unknown, path: SettingPath): unknown => {
    if (Array.isArray(inner)) return inner.map((each, index) => copy(each, [...path, index]));
    if (typeof inner === 'object' && inner !== null) {
      return Object.fromEntries(Object.entries(inner).map(([name, each]) => [name, copy(each, [...path, name])]));
    }
    if (inner === null || inner === undefined) return inner;
    if (isSecretAt(schema, path, value)) return HIDDEN;
    const shown = shownAt(schema, path, value);
    if (shown !== undefined) return shown === 'host' && typeof inner === 'string' ? hostOf(inner) : HIDDEN;
    return typeof inner === 'string' ? withoutPassword(inner) : inner;
  };
  return copy(value, []);
}

/** Makes a function that puts `***` in the place of each secret in a text. */
export function hider(secrets: readonly string[]): (text: string) => string {
  // A secret in a line of JSON is written with escapes.
  const texts = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))];
  const longestFirst = texts.filter((text) => text !== '').sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((hidden, secret) => hidden.replaceAll(secret, HIDDEN), text);
}

function withoutPassword(text: string): string {
  return text.replace(/(\/\/[^/?#@\s:]*):[^/?#@\s]*@/, `$1:${HIDDEN}@`);
}

/** A URL without its path, which may be a token. */
function hostOf(text: string): string {
  const [, start, rest = ''] = /^([a-z]+:\/\/[^/?#\s]+)(.*)$/is.exec(text) ?? [];
  if (start === undefined) return HIDDEN;
  return `${withoutPassword(`${start}/`).slice(0, -1)}${rest.length > 1 ? `/${HIDDEN}` : rest}`;
}

function visit(value: unknown, path: SettingPath, found: (path: SettingPath, text: unknown) => void): void {
  if (Array.isArray(value)) value.forEach((each, index) => visit(each, [...path, index], found));
  else if (typeof value === 'object' && value !== null) {
    Object.entries(value).forEach(([name, each]) => visit(each, [...path, name], found));
  } else if (value !== null && value !== undefined) found(path, value);
}
