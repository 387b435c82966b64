import { ConfigurationError } from '../model/errors.js';
import { kindOf } from '../model/answer.js';
import type { Target } from './hosts.js';
import { isListed } from './no-proxy.js';

/** The option `proxy`: a URL, `false` for none, or `undefined` for the environment's. */
export type ProxyOption = string | false | undefined;

/** A proxy that makes tunnels (`CONNECT`). */
export interface Proxy {
  /** Whether the connection to the proxy itself uses TLS. */
  readonly isSecure: boolean;
  /** With brackets, where it is an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  /** `user:password`, decoded; empty where the proxy asks for none. */
  readonly credentials: string;
  /** The source of the setting: the option `proxy`, or an environment variable. */
  readonly setBy: string;
}

/** The kind of traffic: a gRPC stream or call, or an HTTP request of a login. */
export type Traffic = 'stream' | 'https' | 'http';

/**
 * Variables of the environment that name a proxy: the first that is set counts, in small letters before capital ones.
 */
const PROXIES: Readonly<Record<Traffic, readonly string[]>> = {
  stream: ['grpc_proxy', 'https_proxy', 'http_proxy', 'all_proxy'],
  https: ['https_proxy', 'http_proxy', 'all_proxy'],
  http: ['http_proxy', 'all_proxy'],
};

/** Variables with the hosts that are reached without one. */
const EXCEPTIONS: Readonly<Record<Traffic, readonly string[]>> = {
  stream: ['no_grpc_proxy', 'no_proxy'],
  https: ['no_proxy'],
  http: ['no_proxy'],
};

/**
 * The proxy for a target. `undefined` for a direct connection. The option applies to every target. Without it the
 * environment decides. This is the one rule for streams and logins: docs/guides/proxies.md.
 *
 * @throws `ConfigurationError` when what names it is of no use. It does not show it: it may hold a password.
 */
export function proxyTo(
  target: Target,
  traffic: Traffic,
  option: ProxyOption,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Proxy | undefined {
  if (option === false) return undefined;
  if (option !== undefined) return parsed(option, 'the option proxy');
  const named = firstSet(PROXIES[traffic], environment);
  if (named === undefined) return undefined;
  const exceptions = firstSet(EXCEPTIONS[traffic], environment);
  if (exceptions !== undefined && isListed(exceptions.value, target)) return undefined;
  return parsed(named.value, `the environment variable ${named.name}`);
}

/**
 * Checks an option `proxy`.
 *
 * @throws `ConfigurationError` when it can be no proxy.
 */
export function checkProxy(option: unknown): ProxyOption {
  if (option === undefined || option === false) return option;
  if (typeof option !== 'string' || option.trim() === '') {
    throw new ConfigurationError(
      `proxy is ${kindOf(option)}, but must be the URL of a proxy as a text ("http://proxy.example:3128"), or false for none. ` +
        'Leave it out to go by the environment (HTTPS_PROXY, NO_PROXY).',
    );
  }
  parsed(option, 'the option proxy');
  return option;
}

/** How messages name a proxy: by its host, and by what names it. */
export function proxyName({ hostname, port, setBy }: Proxy): string {
  return `the proxy ${hostname}:${port} (${setBy})`;
}

/** The value of the header `Proxy-Authorization`; `undefined` where the proxy asks for none. */
export function basicAuthorization({ credentials }: Proxy): string | undefined {
  return credentials === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function firstSet(names: readonly string[], environment: Readonly<Record<string, string | undefined>>) {
  return names
    .flatMap((name) => [name, name.toUpperCase()])
    .map((name) => ({ name, value: environment[name]?.trim() ?? '' }))
    .find(({ value }) => value !== '');
}

const HOST_AND_PORT = /^([\w.-]+|\[[\da-f:.]+\]):\d+$/i;

function parsed(text: string, setBy: string): Proxy {
  const trimmed = text.trim();
  if (/^socks/i.test(trimmed)) throw socksProxy(setBy);
  const url = HOST_AND_PORT.test(trimmed) ? `http://${trimmed}` : trimmed;
  if (!URL.canParse(url)) throw noProxy(setBy);
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(url);
  const isSecure = protocol === 'https:';
  // A slash in a password that is not encoded ends the host early.
  const hasMore = !['', '/'].includes(pathname) || search !== '' || hash !== '';
  if ((!isSecure && protocol !== 'http:') || hostname === '' || hasMore) throw noProxy(setBy);
  return {
    isSecure,
    hostname,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    credentials: username === '' && password === '' ? '' : `${decoded(username)}:${decoded(password)}`,
    setBy,
  };
}

/** What is not percent-encoded stands for itself: "100%sure" is a password. */
function decoded(text: string): string {
  return text.replace(/(%[\da-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

function noProxy(setBy: string): ConfigurationError {
  return new ConfigurationError(
    `What ${setBy} holds is not the URL of an HTTP proxy. Give "http://proxy.example:3128", or ` +
      '"http://user:password@proxy.example:3128" with what is no letter or digit in the user name and password percent-encoded ' +
      '("@" as "%40", "/" as "%2F"). The value is not shown, because it may hold a password.',
  );
}

function socksProxy(setBy: string): ConfigurationError {
  return new ConfigurationError(
    `What ${setBy} names is a SOCKS proxy, and rxforce goes by HTTP proxies only. Give the URL of one ` +
      '("http://proxy.example:3128"), or put one that forwards to the SOCKS proxy before it. Where the way is open, go straight: ' +
      'createClient({ proxy: false }), or list the host in NO_PROXY.',
  );
}
