import { createHmac, randomBytes } from 'node:crypto';
import { recordIdOf } from '../model/record-ids.js';
import type { Random } from '../model/random.js';

/** The credentials for logins to the emulator, and a session that is already logged in. */
export interface EmulatorCredentials {
  /** The connected app's consumer key. */
  readonly clientId: string;
  /** The connected app's consumer secret. */
  readonly clientSecret: string;
  /** The user of all logins. */
  readonly username: string;
  readonly password: string;
  /** The text that follows the password in a login by username and password. */
  readonly securityToken: string;
  /**
   * A file with the private key, in PEM, for the JWT bearer flow; the connected app knows its public part. The file
   * exists until the emulator stops.
   */
  readonly privateKeyPath: string;
  /** A session that is valid from the start. */
  readonly accessToken: string;
  /** The org's address. */
  readonly instanceUrl: string;
  /** The org's id, in its 18-character form. */
  readonly organizationId: string;
}

/** The claims of a call about its session. */
export interface SessionClaim {
  readonly accessToken: string | undefined;
  readonly instanceUrl: string | undefined;
  readonly tenantId: string | undefined;
}

/** The identity of an org, which does not change while the emulator runs. */
export interface Identity {
  /** The org's id, in its 18-character form. */
  readonly organizationId: string;
  /** Id of the user that all sessions belong to. */
  readonly userId: string;
  readonly username: string;
  readonly password: string;
  readonly securityToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/**
 * The format of access tokens. `jwt` is the format of an app that is configured for it; the Pub/Sub API refuses these.
 */
export type TokenFormat = 'opaque' | 'jwt';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** How long an unused session lasts, in seconds, as the service reports it. Here, sessions end only on command. */
export const SESSION_SECONDS = 7200;

/** Makes the identity of an org. */
export function createIdentity(random: Random): Identity {
  return {
    organizationId: recordIdOf('00D', 1 + random.below(1_000_000_000)),
    userId: recordIdOf('005', 1 + random.below(1_000_000_000)),
    username: 'integration@emulator.example',
    password: randomBytes(12).toString('base64url'),
    securityToken: randomBytes(18).toString('base64url'),
    clientId: `3MVG9${randomBytes(60).toString('base64url')}`,
    clientSecret: randomBytes(32).toString('hex').toUpperCase(),
  };
}

/** The sessions of an org: access tokens that were issued and not revoked. */
export class Sessions {
  private readonly port: string;
  private readonly accessTokens = new Set<string>();
  private loginCount = 0;

  /** @param instanceUrl - The org's address, whose port a claim's instance URL must name. */
  constructor(
    readonly identity: Identity,
    instanceUrl: string,
    private readonly format: TokenFormat = 'opaque',
  ) {
    this.port = new URL(instanceUrl).port;
  }

  /** How many logins got an access token. */
  get logins(): number {
    return this.loginCount;
  }

  /** Answers a login: begins a session and returns its access token. */
  logIn(): string {
    this.loginCount++;
    return this.issue();
  }

  /** Ends all sessions so far. */
  expire(): void {
    this.accessTokens.clear();
  }

  /** Begins a session and returns its access token. */
  issue(): string {
    const accessToken = this.format === 'jwt' ? jwtToken(this.identity) : opaqueToken(this.identity);
    this.accessTokens.add(accessToken);
    return accessToken;
  }

  /** Ends a session. Returns whether there was one. */
  revoke(accessToken: string): boolean {
    return this.accessTokens.delete(accessToken);
  }

  /** Whether this access token belongs to a live session. */
  isValid(accessToken: string): boolean {
    return this.accessTokens.has(accessToken);
  }

  /** What is wrong with a claim; `undefined` when it is valid. */
  problemOf({ accessToken, instanceUrl, tenantId }: SessionClaim): string | undefined {
    if (accessToken === undefined || !this.isValid(accessToken)) return 'The access token is invalid or has expired.';
    if (this.format === 'jwt') return 'The access token is in JWT format.';
    if (instanceUrl === undefined || !this.isThisInstance(instanceUrl)) {
      return 'The instance URL is not that of the org.';
    }
    if (tenantId === undefined || !this.isThisOrg(tenantId)) return 'The tenant id is not the id of the org.';
    return undefined;
  }

  /** The scheme is not checked: some clients insist on `https://` where nobody ever connects to the URL. */
  private isThisInstance(instanceUrl: string): boolean {
    if (!URL.canParse(instanceUrl)) return false;
    const { hostname, port } = new URL(instanceUrl);
    return LOOPBACK.has(hostname) && port === this.port;
  }

  /** Both forms of the id are accepted: 15 characters, and 18 with the checksum. */
  private isThisOrg(tenantId: string): boolean {
    const { organizationId } = this.identity;
    return tenantId === organizationId || tenantId === organizationId.slice(0, 15);
  }
}

/** The org's id of 15 characters, then random text. */
function opaqueToken({ organizationId }: Identity): string {
  return `${organizationId.slice(0, 15)}!AQ${randomBytes(72).toString('base64url')}`;
}

/** Nobody checks its signature: the emulator keeps the valid tokens itself. */
function jwtToken({ organizationId, userId, clientId }: Identity): string {
  const parts = [
    { typ: 'JWT', alg: 'HS256' },
    {
      scp: 'api',
      sub: `uid:${userId}`,
      client_id: clientId,
      org: organizationId,
      jti: randomBytes(16).toString('hex'),
    },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return [...parts, createHmac('sha256', randomBytes(32)).update(parts.join('.')).digest('base64url')].join('.');
}
