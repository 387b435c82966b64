import type { ClientAuth } from 'oauth4webapi';
import { AuthenticationError, ConfigurationError } from '../model/errors.js';
import type { LoginWay, OrgSession, SessionProvider } from '../ports/session-provider.js';
import { onWay, resolveLogin, type LoginEndpoint, type LoginOptions } from './login-options.js';
import { withoutSecrets } from './secrets.js';
import type { OAuth, Tokens } from './token-endpoint.js';
import { reasonOf } from '../model/answer.js';

/** How to keep a refresh token that replaces another one. */
export interface RotationOptions {
  /**
   * Called with a new refresh token, where Salesforce replaces it at each use (refresh token rotation). Keep it in
   * place of the old token, which is worthless from then on. The login continues when the promise resolves. When the
   * promise rejects, the login fails with a retriable error, and the next login first calls this function again with
   * the same token.
   *
   * @defaultValue none: the new token is used from then on, and lost with the process
   */
  readonly onRotated?: ((refreshToken: string) => void | Promise<void>) | undefined;
}

/** A user who logged in before. */
export interface RefreshTokenOptions extends LoginOptions, RotationOptions {
  /** The app's consumer key. */
  readonly clientId: string;
  /** The app's consumer secret, unless the app does not require one for the refresh token flow. */
  readonly clientSecret?: string | undefined;
  /** The refresh token of the web server flow, with the scope `refresh_token`. */
  readonly refreshToken: string;
}

/**
 * Logs in with a refresh token, as the user who let the app in by the web server flow.
 *
 * @throws `ConfigurationError` when an option is missing, unknown or cannot be right.
 */
export function refreshToken(options: RefreshTokenOptions): SessionProvider {
  const endpoint = resolveLogin('refreshToken', options, ['clientId', 'refreshToken']);
  return refreshing({ ...options, endpoint });
}

/** The parts that renew a session. */
export interface Refreshing extends RotationOptions {
  readonly endpoint: LoginEndpoint;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  readonly refreshToken: string;
}

/** @param first - A session that is open already. The first login returns it. */
export function refreshing(options: Refreshing, first?: OrgSession): SessionProvider {
  const { onRotated } = options;
  if (onRotated !== undefined && typeof onRotated !== 'function') {
    throw new ConfigurationError('onRotated must be a function that keeps the new refresh token.');
  }
  let ready: Tokens['session'] | undefined = first && (() => Promise.resolve(first));
  let token = options.refreshToken;
  /** The token that the current one replaced. */
  let replaced = '';
  /** A token that `onRotated` has not taken yet. */
  let unkept: string | undefined;
  const renewed = async (way: LoginWay | undefined) => {
    const endpoint = onWay(options.endpoint, way);
    const { refreshToken: newer = token, session } = await requestRenewal({ ...options, endpoint }, token);
    if (newer !== token) {
      replaced = token;
      token = newer;
      unkept = newer;
    }
    return session;
  };
  const keep = async () => {
    if (unkept === undefined) return;
    try {
      await onRotated?.(unkept);
    } catch (error) {
      throw notKept(error, [unkept, replaced]);
    }
    unkept = undefined;
  };
  const login = async (way: LoginWay | undefined) => {
    ready ??= await renewed(way);
    // This comes before anything can fail with the session, as the replaced token is worthless by now.
    await keep();
    const session = ready;
    ready = undefined;
    return session();
  };
  // A token that is replaced at each use must not be used twice.
  return { open: oneAtATime(login) };
}

/** The same function, whose calls wait for each other. */
function oneAtATime<A, R>(call: (argument: A) => Promise<R>): (argument: A) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const result = last.then(() => call(argument));
    last = result.catch(() => undefined);
    return result;
  };
}

async function requestRenewal({ endpoint, clientId, clientSecret }: Refreshing, token: string): Promise<Tokens> {
  const { requestTokens } = await import('./token-endpoint.js');
  return requestTokens({
    endpoint,
    context: () => ({ login: 'refreshToken', origin: endpoint.origin }),
    secrets: [token, ...(clientSecret === undefined ? [] : [clientSecret])],
    ask: (oauth, server, http) =>
      oauth.refreshTokenGrantRequest(server, { client_id: clientId }, clientAuth(oauth, clientSecret), token, http),
  });
}

/** How an app identifies itself: by its secret, or by its id alone. */
export function clientAuth({ None, ClientSecretPost }: OAuth, clientSecret: string | undefined): ClientAuth {
  return clientSecret === undefined || clientSecret === '' ? None() : ClientSecretPost(clientSecret);
}

/** The cause is left out: the error of a failed `onRotated` may well show the token. */
function notKept(error: unknown, secrets: string[]): AuthenticationError {
  const reason = withoutSecrets(reasonOf(error), secrets);
  return new AuthenticationError(
    `The new refresh token could not be kept: onRotated failed (${reason}). It is called again at the next login; should the ` +
      'process end before, the user must log in again.',
    { reason: 'rotation-not-kept', retriable: true },
  );
}
