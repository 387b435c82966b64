import { X509Certificate, type KeyObject } from 'node:crypto';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { checkOptionNames } from '../model/option-names.js';
import { kindOf } from '../model/answer.js';
import { ConfigurationError } from '../model/errors.js';
import { certificatesIn, privateKeyIn, type Pem } from '../net/pem.js';

/** The certificates and keys for TLS: the content of PEM files, as text or bytes, not their paths. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of the well-known ones; one or more certificates. */
  readonly ca?: string | Uint8Array | undefined;
  /** The client's private key, where the server asks for a client certificate. Give it together with `cert`. */
  readonly key?: string | Uint8Array | undefined;
  /** The client's certificate, and the intermediate ones up to its authority. Give it together with `key`. */
  readonly cert?: string | Uint8Array | undefined;
  /** The passphrase of `key`, if it is encrypted. */
  readonly passphrase?: string | undefined;
}

const NAMES: readonly string[] = ['ca', 'key', 'cert', 'passphrase'] satisfies (keyof TlsOptions)[];

/**
 * Checks the options of TLS before anything connects.
 *
 * @throws `ConfigurationError` when a part is no PEM, or key and certificate do not belong together. The error shows no
 * value.
 */
export function tlsCredentials(tls: TlsOptions): ChannelCredentials {
  checkNames(tls);
  const { ca, key, cert, passphrase } = tls;
  if ((key === undefined) !== (cert === undefined)) {
    const [given, missing] = key === undefined ? ['cert', 'key'] : ['key', 'cert'];
    throw new ConfigurationError(
      `tls.${given} is given, but tls.${missing} is not: a client certificate needs its private key, and a key its certificate.`,
    );
  }
  const trusted = ca === undefined ? null : Buffer.from(certificatesIn('tls.ca', ca));
  if (key === undefined || cert === undefined) return credentials.createSsl(trusted);
  const { privateKey, chain } = identityOf(key, cert, passphrase);
  return credentials.createSsl(trusted, Buffer.from(exported(privateKey)), Buffer.from(chain));
}

function checkNames(tls: unknown): void {
  if (typeof tls !== 'object' || tls === null || Array.isArray(tls) || tls instanceof Uint8Array) {
    throw new ConfigurationError(
      `tls is ${kindOf(tls)}, but must be an object such as { ca: readFileSync('ca.pem') }.`,
    );
  }
  checkOptionNames(tls, NAMES, { prefix: 'tls.' });
}

function identityOf(key: Pem, cert: Pem, passphrase: string | undefined) {
  const privateKey = privateKeyIn('tls.key', key, passphrase);
  const chain = certificatesIn('tls.cert', cert);
  if (new X509Certificate(chain).checkPrivateKey(privateKey)) return { privateKey, chain };
  throw new ConfigurationError(
    'tls.key does not belong to tls.cert: give the private key that the first certificate of tls.cert was made with.',
  );
}

/** grpc-js takes no passphrase. */
function exported(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
