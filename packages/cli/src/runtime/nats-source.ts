import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { ConfigurationError } from '@rxforce/core/model';
import { decoded } from './decoded.js';

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
  const parsed = urls.flatMap((each) => webUrlOf(each) ?? []);
  if (parsed.length < urls.length) throw new ConfigurationError(`${setting} must begin with nats:// or tls://.`);
  const servers = parsed.map(({ hostname, port }) => `${hostname}:${port === '' ? '4222' : port}`);
  const { username = '', password = '' } = parsed[0] ?? {};
  const [user, pass] = [decoded(username), decoded(password)];
  return {
    hosts: servers.join(', '),
    options: {
      servers,
      ...(user !== '' && (pass === '' ? { token: user } : { user, pass })),
      ...(urls.some((each) => each.startsWith('tls:')) && { tls: {} }),
    },
  };
}

/** As URLs of the web are read, which have the user decoded. The port of FTP would be left out, and is none of NATS. */
function webUrlOf(text: string): URL | undefined {
  const url = text.replace(/^(nats|tls):\/\//, 'ftp://');
  return url !== text && URL.canParse(url) ? new URL(url) : undefined;
}
