import type { ChannelOptions } from '@grpc/grpc-js';
import type { SchedulerLike } from 'rxjs';
import type { ChannelSettings } from './grpc/connection.js';
import type { TlsOptions } from './grpc/tls.js';
import { checkOptionNames } from './model/option-names.js';
import { kindOf } from './model/answer.js';
import { ConfigurationError } from './model/errors.js';
import { isLoopback, isSalesforceHost, targetOf } from './net/hosts.js';
import { checkProxy } from './net/proxy.js';
import type { Logger, LogLevel } from './ports/logger.js';
import type { SessionProvider } from './ports/session-provider.js';

/** How a client reaches an org. */
export interface ClientOptions {
  /**
   * How to log in: `jwtBearer()`, `clientCredentials()`, …. The first call logs in, and all calls share the session.
   */
  readonly auth: SessionProvider;
  /**
   * `host:port` of the Pub/Sub API. For firewalls that pass port 443 only, give that port.
   * `api.deu.pubsub.salesforce.com` is in Germany.
   *
   * @defaultValue `'api.pubsub.salesforce.com:7443'`
   */
  readonly endpoint?: string;
  /**
   * Certificates to trust instead of the well-known ones, such as an emulator's, and the client's own certificate. Each
   * is the content of a PEM file.
   */
  readonly tls?: TlsOptions;
  /**
   * Plaintext instead of TLS: `true` for an emulator on this machine (`localhost`, `127.0.0.1`, `::1`). For an emulator
   * on another machine: `'plaintext-over-the-network'`, named after its danger, as anyone in between can read the
   * access token and the events. Neither value is accepted for a host of Salesforce.
   *
   * @defaultValue false
   */
  readonly insecure?: boolean | 'plaintext-over-the-network';
  /**
   * The proxy for streams and logins, as `"http://user:password@proxy.example:3128"`, with a percent-encoded user name
   * and password; `false` for none. It applies to every host, whatever the environment says. A login's own option
   * `proxy` takes precedence for that login. Proxies that speak TLS (`https://`) and SOCKS proxies are not supported.
   *
   * @defaultValue the proxy of the environment, read when a connection is made: `HTTPS_PROXY`, `NO_PROXY`, …
   */
  readonly proxy?: string | false;
  /** Channel options of grpc-js, in addition to those that rxforce sets. */
  readonly channelOptions?: ChannelOptions;
  /**
   * Whether each schema is checked against its id. The service derives a schema's id from its content, and decoding
   * with another schema can give wrong values without an error. So `'verify'` refuses a schema whose content has
   * another id. `'trust'` accepts any schema, for events and for publishing. It is only for test servers that make
   * their ids up.
   *
   * @defaultValue `'verify'`
   */
  readonly schemaIds?: 'verify' | 'trust';
  /**
   * Where warnings go, and with `logLevel` other lines. An error that the logger throws or rejects with is reported to
   * `console` once, and changes nothing else.
   *
   * @defaultValue writes warnings to `console`, and nothing else
   */
  readonly logger?: Logger;
  /**
   * Which lines the logger gets. `'warn'`: warnings. `'info'`: also logins, streams that are live, leases, drains and
   * ends, as by `logStatus`. `'debug'`: everything that happens, each event with its id, its type and its record ids.
   * No line has a value of a record or a secret. `'error'`: only what may have cost events, subscriptions that ended
   * with an error, and logins that were refused.
   *
   * @defaultValue `'warn'`
   */
  readonly logLevel?: LogLevel;
  /**
   * The clock, for tests.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

const CLIENT_OPTIONS: readonly string[] = [
  'auth',
  'endpoint',
  'tls',
  'insecure',
  'proxy',
  'channelOptions',
  'schemaIds',
  'logger',
  'logLevel',
  'scheduler',
] satisfies (keyof ClientOptions)[];

const DEFAULT_ENDPOINT = 'api.pubsub.salesforce.com:7443';

const ON_PURPOSE = 'plaintext-over-the-network';

/**
 * Checks the options of a client, and returns how it reaches the service.
 *
 * @throws `ConfigurationError` when one is missing, unknown or cannot be right.
 */
export function resolveClientOptions(options: ClientOptions): ChannelSettings {
  checkShape(options);
  const { endpoint = DEFAULT_ENDPOINT, tls, insecure = false, channelOptions = {}, schemaIds = 'verify' } = options;
  checkEndpoint(endpoint);
  if (!['verify', 'trust'].includes(schemaIds)) {
    throw new ConfigurationError(`schemaIds is ${schemaIds}, but must be 'verify' or 'trust'.`);
  }
  if (insecure !== false && tls) {
    throw new ConfigurationError('insecure and tls exclude each other: give tls for TLS, insecure for plaintext.');
  }
  checkInsecure(insecure, endpoint);
  const proxy = checkProxy(options.proxy);
  return { endpoint, tls: insecure === false ? (tls ?? {}) : undefined, channelOptions, proxy };
}

/** JavaScript callers have no compiler to check them. */
function checkShape(options: unknown): asserts options is ClientOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError(
      `createClient() was given ${options === undefined ? 'no options' : kindOf(options)}, but needs an object such as ` +
        '{ auth: jwtBearer({ … }) }.',
    );
  }
  checkOptionNames(options, CLIENT_OPTIONS);
  const { auth, channelOptions = {} } = options as Partial<ClientOptions>;
  if (typeof channelOptions !== 'object' || (channelOptions as unknown) === null) {
    throw new ConfigurationError(
      `channelOptions is ${kindOf(channelOptions)}, but must be an object such as { 'grpc.keepalive_time_ms': 60_000 }.`,
    );
  }
  if (typeof (auth as Partial<SessionProvider> | null | undefined)?.open !== 'function') {
    throw new ConfigurationError(
      'createClient() needs auth: jwtBearer({ … }), clientCredentials({ … }) or another login.',
    );
  }
}

function checkEndpoint(endpoint: unknown): void {
  const form = /^([^\s/:]+|\[[\da-f:.]+\]):(\d{1,5})$/i;
  const port = typeof endpoint === 'string' ? Number(form.exec(endpoint)?.[2]) : 0;
  if (port >= 1 && port <= 65_535) return;
  throw new ConfigurationError(
    `endpoint is "${String(endpoint)}", but must be host:port without a scheme, such as "${DEFAULT_ENDPOINT}".`,
  );
}

/** Anyone on the way can read plaintext, above all the access token. */
function checkInsecure(insecure: unknown, endpoint: string): void {
  if (insecure === false) return;
  if (insecure !== true && insecure !== ON_PURPOSE) {
    const given = typeof insecure === 'string' ? `"${insecure}"` : kindOf(insecure);
    throw new ConfigurationError(`insecure is ${given}, but must be true, false or '${ON_PURPOSE}'.`);
  }
  const { host } = targetOf(endpoint);
  if (isSalesforceHost(host)) {
    throw new ConfigurationError(
      `insecure cannot be given for ${endpoint}, a host of Salesforce: it speaks TLS, and the access token would be sent in clear. ` +
        'Leave it out.',
    );
  }
  if (insecure === ON_PURPOSE || isLoopback(host)) return;
  throw new ConfigurationError(
    `insecure: true is for a server on this machine, and ${endpoint} is not: others on the network could read the access token and ` +
      `the events. Use TLS, with tls: { ca } for a certificate authority of its own. If plaintext is wanted all the same, give ` +
      `insecure: '${ON_PURPOSE}'.`,
  );
}
