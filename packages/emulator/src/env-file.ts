import { ConfigurationError } from '@rxforce/core/model';
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AUTHORITY_NAME } from './net/certificate.js';
import type { Emulator } from './start-emulator.js';

/**
 * The values that a variable can have in a file for both Node and shells: between single quotes, no character is
 * special.
 */
const QUOTABLE = /^[^'\r\n]*$/;

/** The mode of a file with secrets. */
const OWNER_ONLY = 0o600;
/** The first line of a file that an emulator has written, and may overwrite. */
const MARK = '# Written by rxforce-emulator, anew at each start.\n';

/** A PEM file with a single certificate. */
const ONE_CERTIFICATE = /^\s*-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\s*$/;

/** The part of an emulator that {@link environmentOf} needs. */
export type Reachable = Pick<Emulator, 'grpcEndpoint' | 'httpUrl' | 'credentials'>;

/** How clients reach the Pub/Sub API. */
export interface Transport {
  /** Whether the Pub/Sub API speaks plaintext. */
  readonly plaintext: boolean;
  /** The absolute path of the certificate authority's file; `undefined` when neither server speaks TLS. */
  readonly caFile: string | undefined;
}

/**
 * The variables that a client needs. `rxforce-codegen` reads those that begin with `RXFORCE_`; they log in by JWT
 * bearer, the only way, because two ways would be ambiguous. The other variables have the values for any login.
 */
export function environmentOf(
  { grpcEndpoint, httpUrl, credentials }: Reachable,
  { plaintext, caFile }: Transport,
): Readonly<Record<string, string>> {
  return {
    RXFORCE_ENDPOINT: grpcEndpoint,
    RXFORCE_LOGIN_URL: httpUrl,
    RXFORCE_CLIENT_ID: credentials.clientId,
    RXFORCE_USERNAME: credentials.username,
    RXFORCE_PRIVATE_KEY_FILE: credentials.privateKeyPath,
    ...(caFile !== undefined && { RXFORCE_CA_FILE: caFile }),
    ...(plaintext && { RXFORCE_INSECURE: '1' }),
    SF_LOGIN_URL: httpUrl,
    SF_INSTANCE_URL: credentials.instanceUrl,
    SF_ORGANIZATION_ID: credentials.organizationId,
    SF_CLIENT_ID: credentials.clientId,
    SF_CLIENT_SECRET: credentials.clientSecret,
    SF_USERNAME: credentials.username,
    SF_PASSWORD: credentials.password,
    SF_SECURITY_TOKEN: credentials.securityToken,
    SF_ACCESS_TOKEN: credentials.accessToken,
  };
}

/**
 * Writes variables to a file that both `node --env-file` and a shell's `source` can read; a shell exports the
 * variables. Only this user can read it.
 *
 * @throws `ConfigurationError` when a value has a single quote or a line break, or {@link checkEnvFile} does.
 */
export function writeEnvFile(path: string, variables: Readonly<Record<string, string>>): void {
  const text = MARK + Object.entries(variables).map(line).join('');
  checkEnvFile(path);
  if (isPlainFile(path)) chmodSync(path, OWNER_ONLY);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: OWNER_ONLY });
}

/**
 * Checks that a file of variables may be written here.
 *
 * @throws `ConfigurationError` when the file has content that no emulator wrote, or is a symbolic link to nothing.
 */
export function checkEnvFile(path: string): void {
  checkOwn(path, (content) => content.startsWith(MARK));
}

/**
 * Writes the certificate authority to a file.
 *
 * @throws `ConfigurationError` when the file exists and has other content than the authority of an emulator, or is a
 * symbolic link to nothing.
 */
export function writeAuthorityFile(path: string, ca: string): void {
  checkOwn(path, isAuthority);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, ca);
}

/** An existing file must be empty, or written by an emulator; devices and pipes accept any content. */
function checkOwn(path: string, isOwn: (content: string) => boolean): void {
  if (!existsSync(path) && lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new ConfigurationError(
      `${path} is a symbolic link to what is not there. Name the file itself, so that it is written where you mean.`,
    );
  }
  const content = isPlainFile(path) ? readFileSync(path, 'utf8') : '';
  if (content.trim() !== '' && !isOwn(content)) {
    throw new ConfigurationError(
      `${path} is there and was not written by rxforce-emulator. Name another file, so that nothing is lost.`,
    );
  }
}

function isPlainFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** Whether a file has exactly one certificate, which is the authority of an emulator. */
function isAuthority(content: string): boolean {
  if (!ONE_CERTIFICATE.test(content)) return false;
  try {
    return new X509Certificate(content).subject === `CN=${AUTHORITY_NAME}`;
  } catch {
    return false;
  }
}

function line([name, value]: readonly [string, string]): string {
  if (!QUOTABLE.test(value)) {
    throw new ConfigurationError(
      `${name} cannot stand in a file of variables: it has a single quote or a line break. Take a path without one ` +
        '(TMPDIR is where the private key is).',
    );
  }
  return `export ${name}='${value}'\n`;
}
