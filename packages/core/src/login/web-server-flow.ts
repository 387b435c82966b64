import type { AuthorizationResponseError } from 'oauth4webapi';
import { kindOf } from '../model/answer.js';
import { AuthenticationError, ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import type { OrgSession, SessionProvider } from '../ports/session-provider.js';
import { loginRefused } from './login-failures.js';
import { resolveLogin, type LoginEndpoint, type LoginOptions } from './login-options.js';
import { clientAuth, refreshing, type RotationOptions } from './refresh-token.js';
import { withoutSecrets } from './secrets.js';
import type { OAuth, Tokens } from './token-endpoint.js';

/** A web application that users let in. */
export interface WebServerFlowOptions extends LoginOptions {
  /** The app's consumer key. */
  readonly clientId: string;
  /** The app's consumer secret, unless the app does not require one for the web server flow. */
  readonly clientSecret?: string | undefined;
  /** The URL that Salesforce sends the user back to. It must equal one of the app's callback URLs, letter by letter. */
  readonly redirectUri: string;
  /**
   * The rights that the app asks for. The Pub/Sub API needs `api`. Without `refresh_token` the session cannot be
   * renewed.
   *
   * @defaultValue `['api', 'refresh_token']`
   */
  readonly scopes?: readonly string[] | undefined;
}

/** Options of the page that asks the user. */
export interface AuthorizationOptions {
  /** `'login'`: asks for the password again; `'consent'`: asks for approval again; both with a space between. */
  readonly prompt?: string | undefined;
  /** A user name to fill in. */
  readonly loginHint?: string | undefined;
}

/**
 * The data that `callback` needs when the user comes back. Keep it in the user's own web session, on the server. It is
 * plain data, and good for one login.
 */
export interface PendingLogin {
  /** Comes back in the callback, and shows that this user began the login. */
  readonly state: string;
  /** Shows the login endpoint that the same application began the login and asks for the tokens. Keep it secret. */
  readonly codeVerifier: string;
}

/** The page to send a user to, and the data to keep. */
export interface AuthorizationRequest {
  /** The page of Salesforce to redirect the user to. */
  readonly url: string;
  readonly pending: PendingLogin;
}

/** The login of a user who let the app in. Its tokens are accessible, but do not show in logs. */
export interface WebLogin {
  /** Logs in as this user, for `createClient`: first with the session that is open, later with the refresh token. */
  readonly auth: SessionProvider;
  /** The session that is open. */
  readonly session: OrgSession;
  /**
   * The token for `refreshToken()` in the next process. Keep it encrypted. `undefined` without the scope
   * `refresh_token`.
   */
  readonly refreshToken: string | undefined;
}

/** The two ends of a login by browser. */
export interface WebServerFlow {
  /** Begins a login. */
  authorizationUrl(options?: AuthorizationOptions): Promise<AuthorizationRequest>;
  /**
   * Ends a login. It checks that this login was begun here, and exchanges the code for tokens.
   *
   * @param callbackUrl - The URL that the user came back to, whole or only its path and query (`request.url`).
   * @param pending - The data that was kept when the login began; `undefined` where there is none.
   * @returns A promise that rejects with an `AuthenticationError` or `ConnectionError` that says what to do.
   */
  callback(callbackUrl: string | URL, pending: PendingLogin | undefined, options?: RotationOptions): Promise<WebLogin>;
}

/**
 * Lets the users of a web application log in by the OAuth 2.0 web server flow, with PKCE. They enter their password at
 * Salesforce, and the application gets tokens.
 *
 * @throws `ConfigurationError` when an option is missing, unknown or cannot be right.
 */
export function webServerFlow(options: WebServerFlowOptions): WebServerFlow {
  const endpoint = resolveLogin('webServerFlow', options, ['clientId', 'redirectUri']);
  if (!URL.canParse(options.redirectUri)) {
    throw new ConfigurationError('redirectUri must be a whole URL, such as "https://app.example/oauth/callback".');
  }
  const { scopes } = options;
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string'))) {
    throw new ConfigurationError(
      `scopes is ${kindOf(scopes)}, but must be an array of texts: ['api', 'refresh_token'].`,
    );
  }
  return {
    authorizationUrl: async (asked = {}) => {
      checkOptionNames(asked, ['prompt', 'loginHint'], { of: 'authorizationUrl()' });
      return authorizationRequest(endpoint, options, asked);
    },
    callback: async (callbackUrl, pending, rotation = {}) => {
      checkOptionNames(rotation, ['onRotated'], { of: 'callback()' });
      const { clientId, clientSecret } = options;
      const url = String(callbackUrl);
      // Anybody can send such a URL: `//`.
      if (!URL.canParse(url, options.redirectUri)) throw mismatch('it is no URL');
      const tokens = await exchange(endpoint, options, new URL(url, options.redirectUri), pending);
      const { refreshToken } = tokens;
      const session = await tokens.session();
      const auth =
        refreshToken === undefined
          ? onceOnly(session)
          : refreshing({ endpoint, clientId, clientSecret, refreshToken, ...rotation }, session);
      return new LoggedIn(auth, session, refreshToken);
    },
  };
}

async function authorizationRequest(
  { origin }: LoginEndpoint,
  { clientId, redirectUri, scopes = ['api', 'refresh_token'] }: WebServerFlowOptions,
  { prompt, loginHint }: AuthorizationOptions,
): Promise<AuthorizationRequest> {
  const oauth = await import('oauth4webapi');
  const pending = { state: oauth.generateRandomState(), codeVerifier: oauth.generateRandomCodeVerifier() };
  const url = new URL(`${origin}/services/oauth2/authorize`);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state: pending.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.codeVerifier),
    code_challenge_method: 'S256',
    ...(prompt !== undefined && { prompt }),
    ...(loginHint !== undefined && { login_hint: loginHint }),
  };
  Object.entries(parameters).forEach(([name, value]) => url.searchParams.set(name, value));
  return { url: url.href, pending };
}

async function exchange(
  endpoint: LoginEndpoint,
  { clientId, clientSecret = '', redirectUri }: WebServerFlowOptions,
  callbackUrl: URL,
  pending: PendingLogin | undefined,
): Promise<Tokens> {
  const { origin } = endpoint;
  if (!pending?.state || !pending.codeVerifier) throw mismatch('nothing was kept of a login that this user began');
  const client = { client_id: clientId };
  const parameters = validated(await import('oauth4webapi'), origin, client, callbackUrl, pending);
  const code = parameters.get('code');
  if (!code) throw mismatch('it carries no code');
  const { requestTokens } = await import('./token-endpoint.js');
  return requestTokens({
    endpoint,
    context: () => ({ login: 'webServerFlow', origin }),
    secrets: [clientSecret, code, pending.codeVerifier],
    ask: (oauth, server, http) =>
      oauth.authorizationCodeGrantRequest(
        server,
        client,
        clientAuth(oauth, clientSecret),
        parameters,
        redirectUri,
        pending.codeVerifier,
        http,
      ),
  });
}

/** The library's causes are left out, as they hold the code. */
function validated(
  oauth: OAuth,
  origin: string,
  client: { client_id: string },
  url: URL,
  pending: PendingLogin,
): URLSearchParams {
  try {
    return oauth.validateAuthResponse({ issuer: origin }, client, url, pending.state);
  } catch (thrown) {
    const { error, error_description: description = 'no description' } = thrown as Partial<AuthorizationResponseError>;
    if (error === undefined) throw mismatch('its state is not that of the login that this user began');
    const secrets = [pending.codeVerifier, pending.state];
    const refused = { error: withoutSecrets(error, secrets), description: withoutSecrets(description, secrets) };
    throw loginRefused(refused, { login: 'webServerFlow', origin });
  }
}

function mismatch(what: string): AuthenticationError {
  return new AuthenticationError(
    `The callback does not belong to a login that was begun: ${what}. Begin the login again. If it stays, check that ` +
      "the user's web session survives the way to Salesforce and back (a cookie with SameSite=Lax), and that `pending` is kept " +
      'in it.',
    { reason: 'callback-mismatch' },
  );
}

function onceOnly(session: OrgSession): SessionProvider {
  let ready: OrgSession | undefined = session;
  return {
    open: () => {
      const opened = ready;
      ready = undefined;
      if (opened) return Promise.resolve(opened);
      const error = new AuthenticationError(
        'The session of this user has ended, and there is no refresh token to renew it: the user must log in again. Ask for the ' +
          'scope refresh_token next time.',
        { reason: 'not-renewable' },
      );
      return Promise.reject(error);
    },
  };
}

class LoggedIn implements WebLogin {
  // eslint-disable-next-line no-restricted-syntax -- A secret.
  readonly #refreshToken: string | undefined;

  constructor(
    readonly auth: SessionProvider,
    readonly session: OrgSession,
    refreshToken: string | undefined,
  ) {
    this.#refreshToken = refreshToken;
  }

  get refreshToken(): string | undefined {
    return this.#refreshToken;
  }
}
