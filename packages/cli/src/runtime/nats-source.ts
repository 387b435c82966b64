import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { ConfigurationError } from '@rxforce/core/model';

/** The library of NATS. */
export type NatsLibrary = typeof import('@nats-io/transport-node');

/** Where servers of NATS are. */
export interface NatsAddress {
  /** Without credentials, for messages. */
  readonly hosts: string;
  readonly options: NodeConnectionOptions;
}

/**
 * The servers of a list of URLs, with the credentials of the first one.
 *
 * @param setting - The setting that the URLs are from, for messages.
 * @throws `ConfigurationError` when one of them is no URL of NATS.
 */
export function natsAddress(text: string, setting: string): NatsAddress {
  const urls = text.split(',').map((each) => each.trim());
  // As the parts of a URL of the web: what others have of a user is not decoded.
  const parsed = urls.flatMap((each) => (/^(nats|tls):/.test(each) ? (webUrlOf(each) ?? []) : []));
  if (parsed.length < urls.length) throw new ConfigurationError(`${setting} must begin with nats:// or tls://.`);
  const servers = parsed.map(({ hostname, port }) => `${hostname}:${port === '' ? '4222' : port}`);
  const { username = '', password = '' } = parsed[0] ?? {};
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  return {
    hosts: servers.join(', '),
    options: {
      servers,
      ...(user !== '' && (pass === '' ? { token: user } : { user, pass })),
      ...(urls.some((each) => each.startsWith('tls:')) && { tls: {} }),
    },
  };
}

function webUrlOf(text: string): URL | undefined {
  const url = text.replace(/^\w+:/, 'http:');
  return text.includes('://') && URL.canParse(url) ? new URL(url) : undefined;
}
