import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { kindOf } from '../model/answer.js';
import { ConfigurationError } from '../model/errors.js';

/** The content of a PEM file, as text or bytes. */
export type Pem = string | Uint8Array;

const CERTIFICATES = /-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[\s\S]*?-----END \1-----/g;

/**
 * Checks an option that holds one or more certificates, and returns it as text. Otherwise an invalid certificate would
 * be silently ignored, and nobody would be trusted.
 *
 * @throws `ConfigurationError` when it holds none, or one that cannot be read. It does not show the value.
 */
export function certificatesIn(name: string, value: unknown): string {
  const text = textOf(value);
  const found = text?.match(CERTIFICATES) ?? [];
  const begun = text?.match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/g)?.length ?? 0;
  if (text === undefined || found.length === 0 || found.length !== begun || !found.every(isCertificate)) {
    throw new ConfigurationError(
      `${name} must be a certificate in PEM ("-----BEGIN CERTIFICATE-----"), as text or bytes: not the path of a file, but its ` +
        `content (readFileSync).${notShown(value)}`,
    );
  }
  // A key or parameters may stand in the same file.
  return found.join('\n');
}

/**
 * Checks an option that holds a private key.
 *
 * @param passphrase - The passphrase of the key, if it is encrypted.
 * @throws `ConfigurationError` when it holds none, or the passphrase is missing or wrong. It shows nothing of them, and
 * has no cause: nothing that a parser saw of a key belongs in one.
 */
export function privateKeyIn(name: string, value: unknown, passphrase?: string): KeyObject {
  const key = parsedKey(value, passphrase);
  if (key) return key;
  throw new ConfigurationError(
    `${name} is not a private key in PEM ("-----BEGIN PRIVATE KEY-----"), as text or bytes, or its passphrase is missing or wrong. Give ` +
      `not the path of a file, but its content (readFileSync).${notShown(value)}`,
  );
}

const notShown = (value: unknown) =>
  ` What was given, ${kindOf(value)}, is not shown. In an environment variable, keep its line breaks, or write them as \\n.`;

/** Environment files and dashboards keep line breaks as two characters. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.replaceAll('\\n', '\n');
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

/** The private key in a PEM text or its bytes, if there is one; nothing is said of what it is instead. */
export function parsedKey(pem: unknown, passphrase: string | undefined): KeyObject | undefined {
  const key = textOf(pem);
  if (!key?.includes('-----BEGIN ')) return undefined;
  try {
    return createPrivateKey({ key, format: 'pem', ...(passphrase !== undefined && { passphrase }) });
  } catch {
    return undefined;
  }
}
