import { z } from 'zod';

/** The largest number of milliseconds that a timer can wait. */
const LONGEST_MS = 2_147_483_647;

/** A text that is not empty. */
export const text = () => z.string().min(1);

/** A text that no command prints. `writeOnly` says so in the JSON schema, too. */
export const secret = () => z.string().min(1).meta({ writeOnly: true });

/** A URL whose path may have a token in it: `check --print` shows its host. */
export const urlWithToken = () =>
  z
    .string()
    .min(1)
    .regex(/^https?:\/\//, 'must begin with https:// or http://')
    .meta({ shown: 'host' satisfies Shown });

/** Any value. Some are secrets, and only a module of the user knows which: `check --print` shows none. */
export const unprinted = () => z.unknown().meta({ shown: 'nothing' satisfies Shown });

/** How much of a value `check --print` shows, where it is not all. */
export type Shown = 'host' | 'nothing';

/** A whole number, also as a text: so comes a number from a variable. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z.preprocess(numberIn, z.int().min(least).max(most));

/** A time in milliseconds. */
export const milliseconds = (least = 0) => whole(least, LONGEST_MS);

/** A number of seconds, with decimals. */
export const seconds = () =>
  z.preprocess(
    numberIn,
    z
      .number()
      .min(0)
      .max(LONGEST_MS / 1000),
  );

/** `true` or `false`, also as a text. */
export const flag = () => z.preprocess(flagIn, z.boolean());

/** One of a few words. */
export const word = <const W extends readonly [string, ...string[]]>(...words: W) => z.enum(words);

/** One of a few words, in capitals however it is written. */
export const capitals = <const W extends readonly [string, ...string[]]>(...words: W) =>
  z.preprocess((value) => (typeof value === 'string' ? value.toUpperCase() : value), z.enum(words));

/** A port of a server. */
export const port = (least = 1) => whole(least, 65_535);

/** A name that can be part of the name of a file and of a key. */
export const shortName = () =>
  z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be a name of letters, digits, ".", "-" and "_", with 100 characters at most');

function numberIn(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
}

function flagIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const known: Readonly<Record<string, boolean>> = { true: true, false: false };
  return known[value.trim().toLowerCase()] ?? value;
}
