import { ConfigurationError } from '@rxforce/core/model';
import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AUTHORITY_NAME } from './net/certificate.js';
import type { Emulator } from './start-emulator.js';

/** What a variable can hold in a file that both Node and shells read: between single quotes, nothing means anything else. */
const QUOTABLE = /^[^'\r\n]*$/;

/** The mode of a file with secrets. */
const OWNER_ONLY = 0o600;
/** The first line of a file that an emulator has written, and may write anew. */
const MARK = '# Written by rxforce-emulator, anew at each start.\n';

/** A file in PEM of a single certificate. */
const ONE_CERTIFICATE = /^\s*-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\s*$/;

/** What {@link environmentOf} needs to know of an emulator. */
export type Reachable = Pick<Emulator, 'grpcEndpoint' | 'httpUrl' | 'credentials'>;

/** How clients must reach the Pub/Sub API. */
export interface Transport {
  /** Whether the Pub/Sub API speaks plaintext. */
  readonly plaintext: boolean;
  /** The absolute path of the certificate authority's file; `undefined` when nothing speaks TLS. */
  readonly caFile: string | undefined;
}

/**
 * The variables that a client needs. Those that begin with `RXFORCE_` are read by `rxforce-codegen` as they are, and log
 * in by JWT bearer: one way alone, because two would not be clear. The others have what any login needs.
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
 * Writes variables to a file that `node --env-file` and a shell's `source` read alike, and that exports them from a shell.
 * Nobody else on the machine can read it.
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
 * @throws `ConfigurationError` when the file is there and somebody else's, or a symbolic link to nothing.
 */
export function checkEnvFile(path: string): void {
  checkOwn(path, (content) => content.startsWith(MARK));
}

/**
 * Writes the certificate authority to a file.
 *
 * @throws `ConfigurationError` when the file is there and has anything but the authority of an emulator, or is a symbolic
 * link to nothing.
 */
export function writeAuthorityFile(path: string, ca: string): void {
  checkOwn(path, isAuthority);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, ca);
}

/** What is there may be an empty file, or one that an emulator has written; devices and pipes take anything. */
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

/** Whether a file has one certificate and nothing else, and that is the authority of an emulator. */
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
