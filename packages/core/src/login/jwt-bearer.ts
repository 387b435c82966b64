import type { KeyObject } from 'node:crypto';
import { wholeNumber } from '../model/whole-number.js';
import type { SessionProvider } from '../ports/session-provider.js';
import { onWay, requireText, resolveLogin, type LoginOptions } from './login-options.js';
import { keySource } from './private-key.js';

/** A server that logs in as a user, with a key that the app knows. */
export interface JwtBearerOptions extends LoginOptions {
  /** The app's consumer key. */
  readonly clientId: string;
  /** The user to log in as. The user, or the user's profile or permission set, must be approved for the app. */
  readonly username: string;
  /**
   * The private key of the certificate that was uploaded to the app: the content of a PEM file, as text or bytes, or a
   * `KeyObject` of Node. Give this or `privateKeyPath`.
   */
  readonly privateKey?: string | Uint8Array | KeyObject | undefined;
  /**
   * A file with the private key, in PEM. It is read at each login, so a new key counts from the next login on. If the
   * file exists now, it is also read and checked now.
   */
  readonly privateKeyPath?: string | undefined;
  /** The passphrase of the PEM, if it is encrypted. */
  readonly privateKeyPassphrase?: string | undefined;
  /**
   * The audience of the assertion. Salesforce takes `https://login.salesforce.com`, for a sandbox
   * `https://test.salesforce.com`, or the My Domain of the login.
   *
   * @defaultValue the login URL, without a path
   */
  readonly audience?: string | undefined;
  /**
   * How long the assertion of a login is valid, in milliseconds, from 10,000 to 300,000. The lifetime of the session
   * does not depend on it. A clock that is behind by as much does no harm.
   *
   * @defaultValue 180_000
   */
  readonly assertionLifetimeMs?: number | undefined;
}

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The longest lifetime of an assertion that Salesforce documents, in milliseconds. */
const LONGEST_LIFETIME_MS = 300_000;

/**
 * Logs in by the OAuth 2.0 JWT bearer flow, with an assertion that a private key signs. The user need not be present.
 * It is the login for servers.
 *
 * @throws `ConfigurationError` when an option is missing, unknown or cannot be right.
 */
export function jwtBearer(options: JwtBearerOptions): SessionProvider {
  const endpoint = resolveLogin('jwtBearer', options, ['clientId', 'username']);
  const { clientId, username, audience = endpoint.origin } = options;
  requireText('jwtBearer', 'audience', audience);
  const lifetimeMs = wholeNumber(
    'assertionLifetimeMs',
    options.assertionLifetimeMs ?? 180_000,
    10_000,
    LONGEST_LIFETIME_MS,
  );
  const key = keySource(options);
  return {
    open: async (way) => {
      const { requestTokens } = await import('./token-endpoint.js');
      const { assertion, signedAt } = await signed({ clientId, username, audience, lifetimeMs }, key);
      const tokens = await requestTokens({
        endpoint: onWay(endpoint, way),
        context: (serverTime) => ({
          login: 'jwtBearer',
          origin: endpoint.origin,
          username,
          audience,
          ...skewOf(signedAt, serverTime, lifetimeMs),
        }),
        secrets: [assertion],
        // The assertion identifies the client.
        ask: (oauth, server, http) =>
          oauth.genericTokenEndpointRequest(
            server,
            { client_id: clientId },
            () => undefined,
            GRANT,
            { assertion },
            http,
          ),
      });
      return tokens.session();
    },
  };
}

/** What an assertion says. */
interface Claims extends Required<Pick<JwtBearerOptions, 'clientId' | 'username'>> {
  readonly audience: string;
  readonly lifetimeMs: number;
}

/** Makes an assertion, and says when, in milliseconds since 1970. */
async function signed({ clientId, username, audience, lifetimeMs }: Claims, key: ReturnType<typeof keySource>) {
  const { SignJWT } = await import('jose');
  const signedAt = Date.now();
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(clientId)
    .setSubject(username)
    .setAudience(audience)
    .setExpirationTime(Math.floor((signedAt + lifetimeMs) / 1000))
    .sign(await key());
  return { assertion, signedAt };
}

/**
 * How far our clock is behind the server's, where that makes an assertion too old. A clock that is ahead does no harm:
 * the service documents a longest lifetime, but takes assertions of any lifetime.
 */
function skewOf(signedAt: number, serverTime: number | undefined, lifetimeMs: number): { behindMs?: number } {
  const behindMs = (serverTime ?? signedAt) - signedAt;
  return behindMs >= lifetimeMs ? { behindMs } : {};
}
