import { ServerCredentials } from '@grpc/grpc-js';
import type { ServerCertificate } from '../net/certificate.js';

/** The credentials of a server from its certificate; without one it speaks plaintext. */
export function credentialsOf(certificate: ServerCertificate | undefined): ServerCredentials {
  if (certificate === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: Buffer.from(certificate.certificate), private_key: Buffer.from(certificate.privateKey) };
  return ServerCredentials.createSsl(null, [pair]);
}
