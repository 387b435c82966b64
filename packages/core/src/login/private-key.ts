import { KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { kindOf } from '../model/answer.js';
import { ConfigurationError } from '../model/errors.js';
import { parsedKey } from '../net/pem.js';
import { requireText } from './login-options.js';

/** The location of a private key. */
export interface KeyLocation {
  readonly privateKey?: string | Uint8Array | KeyObject | undefined;
  readonly privateKeyPath?: string | undefined;
  readonly privateKeyPassphrase?: string | undefined;
}

/** The shortest key for RS256, in bits. */
const SHORTEST_KEY = 2048;

/** Longer paths are not shown, as they may be a key. */
const LONGEST_SHOWN_PATH = 260;

/**
 * Makes the function that reads the key. The key is checked now where it is accessible, and again at each login where
 * it is in a file.
 *
 * @throws `ConfigurationError` when there is none, there are two, or it is no private RSA key. No part of a key is in
 * it.
 */
export function keySource(options: KeyLocation): () => Promise<KeyObject> {
  const { privateKey, privateKeyPath, privateKeyPassphrase } = options;
  if ((privateKey === undefined) === (privateKeyPath === undefined)) {
    throw new ConfigurationError('jwtBearer() needs either privateKey or privateKeyPath.');
  }
  if (privateKeyPath !== undefined) {
    requireText('jwtBearer', 'privateKeyPath', privateKeyPath);
    if (isKeyText(privateKeyPath)) {
      throw new ConfigurationError(
        'What is given as privateKeyPath is a key, and must be the path of a file with one: give the key as privateKey.',
      );
    }
    const where = `the file ${shownPath(privateKeyPath)}`;
    checkFile(privateKeyPath, privateKeyPassphrase, where);
    return async () => keyOf(await readPem(privateKeyPath), privateKeyPassphrase, where);
  }
  if (typeof privateKey === 'string') requireText('jwtBearer', 'privateKey', privateKey);
  const key = keyOf(privateKey, privateKeyPassphrase, 'privateKey');
  return () => Promise.resolve(key);
}

/** A file that cannot be read now may be there at the first login. */
function checkFile(path: string, passphrase: string | undefined, where: string): void {
  let pem: string;
  try {
    // A pipe, as of a secrets manager, can be read only once.
    if (!statSync(path).isFile()) return;
    pem = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  keyOf(pem, passphrase, where);
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    const isShown = shownPath(path) === path;
    throw new ConfigurationError(
      `The private key cannot be read from ${shownPath(path)} (${code}). Check privateKeyPath.`,
      isShown ? { cause } : {},
    );
  }
}

/**
 * In PEM, also where line breaks are lost or written as `\n`; its base64; JSON; or nothing but the characters of a key.
 */
function isKeyText(text: string): boolean {
  return /-----|[\r\n]|^\s*\{/.test(text) || /^(LS0tLS1CRUdJTi|MII)/.test(text) || /^[\w+/=-]{200,}$/.test(text);
}

function shownPath(path: string): string {
  return path.length <= LONGEST_SHOWN_PATH ? path : `a path of ${path.length} characters`;
}

/** The error has no cause, as a parser's error may contain parts of a key. */
function keyOf(pem: unknown, passphrase: string | undefined, where: string): KeyObject {
  const given = pem instanceof Uint8Array ? Buffer.from(pem).toString() : pem;
  const key = given instanceof KeyObject ? given : parsedKey(given, passphrase);
  if (key?.type === 'private' && key.asymmetricKeyType === 'rsa') return longEnough(key, where);
  throw new ConfigurationError(
    `What is given as ${where} is not a private RSA key in PEM ("-----BEGIN PRIVATE KEY-----"): ${problemOf(given, key, passphrase)}`,
  );
}

function longEnough(key: KeyObject, where: string): KeyObject {
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_KEY) return key;
  throw new ConfigurationError(
    `What is given as ${where} is an RSA key of fewer than ${SHORTEST_KEY} bits: make a longer one.`,
  );
}

/** Describes the value and gives advice, from the words around a key, never from the key. */
function problemOf(given: unknown, key: KeyObject | undefined, passphrase: string | undefined): string {
  if (given instanceof KeyObject && given.type !== 'private') return given.type === 'public' ? PUBLIC : SYMMETRIC;
  if (key) {
    return `it is one of the kind "${key.asymmetricKeyType}". Salesforce takes RSA keys only: make one, with its certificate.`;
  }
  if (typeof given !== 'string') {
    return `it is ${kindOf(given)}. Give a text, as of readFileSync(path, 'utf8'), or a KeyObject.`;
  }
  const [, say] = TEXTS.find(([pattern]) => pattern.test(given)) ?? [undefined, NO_PEM];
  return typeof say === 'function' ? say(passphrase) : say;
}

const PUBLIC =
  'it is a public key or a certificate. That is what is uploaded to the app in Salesforce; give the private key that it was made ' +
  'with.';
const SYMMETRIC =
  'it is a secret key. Give the private key of the certificate that was uploaded to the app in Salesforce.';
const NO_PEM = 'it is no PEM at all. Give the whole text of the key file, from "-----BEGIN" on.';

const encrypted = (passphrase: string | undefined) =>
  passphrase === undefined
    ? 'it is encrypted, and there is no passphrase. Give privateKeyPassphrase.'
    : 'it is encrypted, and privateKeyPassphrase is not its passphrase.';

/** First match wins. */
const TEXTS: readonly (readonly [RegExp, string | typeof encrypted])[] = [
  [/^\s*$/, 'it is empty. Check that the file, variable or setting it comes from has the key.'],
  [/-----BEGIN (RSA )?PUBLIC KEY|-----BEGIN (TRUSTED )?CERTIFICATE/, PUBLIC],
  [
    /BEGIN OPENSSH PRIVATE KEY/,
    'it is in the format of OpenSSH. Turn it into PEM with: ssh-keygen -p -m PEM -f <file>',
  ],
  [/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/, encrypted],
  [
    /-----BEGIN/,
    'it cannot be read: a part is missing, or its line breaks are. In an environment variable, keep its line breaks, or write ' +
      'them as \\n.',
  ],
  [/^\s*LS0tLS1CRUdJTi/, "it is the base64 of one. Decode it: Buffer.from(key, 'base64').toString()"],
  [/^\s*\{/, 'it is JSON. Give the key in PEM.'],
  [
    /^[^\r\n]{0,260}\.(pem|key|p8|pk8|txt|der|p12|pfx|jks)$|^(~|\.{0,2}|\w:)[\\/][^\r\n]{0,260}$/i,
    'it is a path. Give it as privateKeyPath.',
  ],
];
