import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { canonicalHost, type Target } from './hosts.js';
import { basicAuthorization, proxyTo, type Proxy, type ProxyOption } from './proxy.js';

/** How an HTTP request reaches its server. */
export interface HttpWay {
  /** Certificates to trust instead of the well-known ones, as PEM. */
  readonly ca?: string | undefined;
  /** As the option `proxy` of a client; `undefined` for that of the environment. */
  readonly proxy?: ProxyOption;
  /** How long a connection may take to be made, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * The proxy for requests to a URL. `undefined` for a direct connection.
 *
 * @throws `ConfigurationError` when the environment names an invalid proxy.
 */
export function proxyFor(url: string, option: ProxyOption): Proxy | undefined {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === 'https:';
  const target: Target = { host: canonicalHost(hostname), port: port === '' ? (isSecure ? 443 : 80) : Number(port) };
  return proxyTo(target, isSecure ? 'https' : 'http', option);
}

/** Makes what holds the connections of HTTP requests. Its user destroys it. */
export function dispatcherFor(proxy: Proxy | undefined, { ca, timeoutMs }: Omit<HttpWay, 'proxy'>): Dispatcher {
  const tls = { timeout: timeoutMs, ...(ca !== undefined && { ca }) };
  // Only the caller's timeout counts.
  const times = { headersTimeout: 0, bodyTimeout: 0 };
  if (proxy === undefined) return new Agent({ connect: tls, ...times });
  const { isSecure, hostname, port } = proxy;
  const token = basicAuthorization(proxy);
  return new ProxyAgent({
    uri: `${isSecure ? 'https' : 'http'}://${hostname}:${port}`,
    ...(token !== undefined && { token }),
    requestTls: tls,
    proxyTls: { timeout: timeoutMs },
    ...times,
  });
}
