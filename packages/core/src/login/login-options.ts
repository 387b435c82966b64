import { ConfigurationError } from '../model/errors.js';
import { checkOptionNames } from '../model/option-names.js';
import { LONGEST_TIMER_MS, wholeNumber } from '../model/whole-number.js';
import { certificatesIn } from '../net/pem.js';
import { checkProxy, type ProxyOption } from '../net/proxy.js';
import type { LoginWay } from '../ports/session-provider.js';
import { isHttpsOnly, originOf } from './origin.js';

/** The options of all logins. */
export interface LoginOptions {
  /**
   * Where to log in: the org's My Domain URL (`https://acme.my.salesforce.com`, for a sandbox
   * `https://acme--dev.sandbox.my.salesforce.com`), or `https://test.salesforce.com` for any sandbox.
   *
   * @defaultValue `'https://login.salesforce.com'`
   */
  readonly loginUrl?: string | undefined;
  /**
   * Certificate authorities to trust at the login instead of the well-known ones: the content of a PEM file, as text or
   * bytes.
   *
   * @defaultValue the well-known ones, and those of the environment variable `NODE_EXTRA_CA_CERTS`
   */
  readonly ca?: string | Uint8Array | undefined;
  /**
   * The proxy for the login, as `"http://user:password@proxy.example:3128"`; `false` for none. It applies to every
   * host, whatever the environment says.
   *
   * @defaultValue the option `proxy` of the client that logs in; without it, the proxy of the environment
   * (`HTTPS_PROXY`, `NO_PROXY`)
   */
  readonly proxy?: string | false | undefined;
  /**
   * Longest wait for each answer of the login endpoint, connecting included, in milliseconds, from 1 to 2,147,483,647.
   *
   * @defaultValue 30_000
   */
  readonly timeoutMs?: number | undefined;
}

/** {@link LoginOptions}, checked, with the defaults filled in. */
export interface LoginEndpoint {
  /** Scheme and host. */
  readonly origin: string;
  /** The certificates in PEM, as text. */
  readonly ca: string | undefined;
  readonly proxy?: ProxyOption;
  readonly timeoutMs: number;
}

const DEFAULT_LOGIN_URL = 'https://login.salesforce.com';

const COMMON: readonly string[] = ['loginUrl', 'ca', 'proxy', 'timeoutMs'] satisfies (keyof LoginOptions)[];

/** The options of each login, by the name of its function. */
const NAMES = {
  jwtBearer: [
    'clientId',
    'username',
    'privateKey',
    'privateKeyPath',
    'privateKeyPassphrase',
    ...COMMON,
    'audience',
    'assertionLifetimeMs',
  ],
  clientCredentials: ['clientId', 'clientSecret', ...COMMON],
  usernamePassword: ['username', 'password', 'securityToken', 'apiVersion', ...COMMON],
  webServerFlow: ['clientId', 'clientSecret', 'redirectUri', 'scopes', ...COMMON],
  refreshToken: ['clientId', 'clientSecret', 'refreshToken', 'onRotated', ...COMMON],
  staticSession: ['accessToken', 'instanceUrl', 'organizationId', 'userId'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/**
 * The same set of credentials, such as that of an environment, fits any login, which takes the parts that it needs. A
 * name that no login knows is a mistake.
 */
const ALL_NAMES: readonly string[] = Object.values(NAMES).flat();

/**
 * Checks the options of all logins, and that `needed` are texts.
 *
 * @throws `ConfigurationError` when an option is missing, unknown or cannot be right. It shows no value that may be
 * secret.
 */
export function resolveLogin<T extends LoginOptions>(
  login: keyof typeof NAMES,
  options: T,
  needed: readonly (keyof T & string)[],
): LoginEndpoint {
  checkNames(login, options);
  for (const name of needed) requireText(login, name, options[name]);
  return {
    origin: loginOrigin(options.loginUrl ?? DEFAULT_LOGIN_URL),
    ca: options.ca === undefined ? undefined : certificatesIn('ca', options.ca),
    proxy: checkProxy(options.proxy),
    timeoutMs: wholeNumber('timeoutMs', options.timeoutMs ?? 30_000, 1, LONGEST_TIMER_MS),
  };
}

/**
 * Without TLS, anybody on the way can read what is sent. That is acceptable for an emulator, and never at Salesforce.
 */
function loginOrigin(loginUrl: string): string {
  const origin = originOf('loginUrl', loginUrl);
  if (!isHttpsOnly(origin)) return origin;
  throw new ConfigurationError('loginUrl must begin with "https://": the login would send its secrets in clear.');
}

/** The client's proxy applies where the login has none of its own. */
export function onWay(endpoint: LoginEndpoint, way: LoginWay | undefined): LoginEndpoint {
  return endpoint.proxy === undefined && way ? { ...endpoint, proxy: way.proxy } : endpoint;
}

/** @throws `ConfigurationError` when no login has the option. The message lists the options of this login. */
export function checkNames(login: keyof typeof NAMES, options: object): void {
  checkOptionNames(options, NAMES[login], { of: `${login}()`, others: ALL_NAMES });
}

/** @throws `ConfigurationError` when it is no text, or an empty one. */
export function requireText(login: string, name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return;
  throw new ConfigurationError(
    `${login}() needs ${name}${value === '' ? ', which is empty' : ''}: check that the environment variable or setting it ` +
      'comes from is set.',
  );
}
