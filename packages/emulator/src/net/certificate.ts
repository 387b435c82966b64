import { generate } from 'selfsigned';

/** A certificate for the emulator's servers, all in PEM. */
export interface ServerCertificate {
  /** The certificate authority that clients must trust. */
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** The name of each emulator's certificate authority. */
export const AUTHORITY_NAME = 'rxforce emulator CA';

/** Certificates begin a day early, for clients whose clock is slow. */
const DAY_MS = 86_400_000;
const VALID_DAYS = 365;

let shared: Promise<ServerCertificate> | undefined;

/** One certificate for all emulators of a process: making it takes longer than the rest of a start. */
export function sharedCertificate(): Promise<ServerCertificate> {
  return (shared ??= makeCertificate());
}

/** Makes a certificate authority, and a certificate of it for this machine: localhost, 127.0.0.1 and ::1. */
export async function makeCertificate(): Promise<ServerCertificate> {
  const notBeforeDate = new Date(Date.now() - DAY_MS);
  const notAfterDate = new Date(Date.now() + VALID_DAYS * DAY_MS);
  const common = { keyType: 'ec', algorithm: 'sha256', notBeforeDate, notAfterDate } as const;
  const authority = await generate([{ name: 'commonName', value: AUTHORITY_NAME }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  });
  return { ca: authority.cert, certificate: server.cert, privateKey: server.private };
}
