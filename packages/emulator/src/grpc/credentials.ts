import { ServerCredentials } from '@grpc/grpc-js';
import type { ServerCertificate } from '../net/certificate.js';

/** The credentials of a server from its certificate; without one it speaks plaintext. */
export function credentialsOf(certificate: ServerCertificate | undefined): ServerCredentials {
  if (certificate === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: Buffer.from(certificate.certificate), private_key: Buffer.from(certificate.privateKey) };
  // Clients are asked for no certificate. Without an authority, gRPC would still read all that the system trusts, for
  // each server, and that would take longer than the rest of its start.
  return ServerCredentials.createSsl(Buffer.from(certificate.ca), [pair]);
}
