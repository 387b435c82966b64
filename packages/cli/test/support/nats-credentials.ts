import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** What a server needs that knows users by JWTs, and a file of credentials of one of them. */
export interface NatsCredentials {
  /** Lines of the configuration of the server. */
  readonly config: readonly string[];
  /** The text of a `.creds`. */
  readonly creds: string;
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const BOUNDS = { subs: -1, data: -1, payload: -1 };
const OF_ACCOUNT = { ...BOUNDS, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const OF_JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/**
 * Makes an operator, an account with JetStream, and a user of it. The account of the server itself may have no
 * JetStream.
 */
export function natsCredentials(): NatsCredentials {
  const [operator, system, account] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
  const user = nkeys.createUser();
  const entryOf = (of: KeyPair, limits: object) =>
    `${of.getPublicKey()}: "${jwt(operator, of, { type: 'account', limits })}"`;
  return {
    config: [
      `operator: "${jwt(operator, operator, { type: 'operator' })}"`,
      ...['resolver: MEMORY', `system_account: ${system.getPublicKey()}`, 'resolver_preload: {'],
      ...[entryOf(system, OF_ACCOUNT), entryOf(account, { ...OF_ACCOUNT, ...OF_JETSTREAM }), '}'],
    ],
    creds: [
      ...['-----BEGIN NATS USER JWT-----', jwt(account, user, { type: 'user', pub: {}, sub: {}, ...BOUNDS })],
      ...['------END NATS USER JWT------', '', '-----BEGIN USER NKEY SEED-----', textOf(user.getSeed())],
      ...['------END USER NKEY SEED------', ''],
    ].join('\n'),
  };
}

function jwt(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const names = { iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name: 'rxforce', jti: 'rxforce' };
  const body = { ...names, iat: Math.floor(Date.now() / 1_000), nats: { ...nats, version: 2 } };
  const signed = `${base64({ typ: 'JWT', alg: 'ed25519-nkey' })}.${base64(body)}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}
