import { connectivityState, credentials, type ChannelInterface, type ChannelOptions } from '@grpc/grpc-js';
import { Observable } from 'rxjs';
import { ConfigurationError } from '../model/errors.js';
import { targetOf } from '../net/hosts.js';
import { proxyName, proxyTo, type Proxy, type ProxyOption } from '../net/proxy.js';
import { PubSubStub } from './pubsub-stub.js';
import { tlsCredentials, type TlsOptions } from './tls.js';

/** How to reach the service. */
export interface ChannelSettings {
  readonly endpoint: string;
  /** `undefined` for plaintext. */
  readonly tls: TlsOptions | undefined;
  readonly channelOptions: ChannelOptions;
  readonly proxy?: ProxyOption;
  /** Longest wait until a call has a connection, in milliseconds; 25,000 by default. */
  readonly connectTimeoutMs?: number;
  /** How long nothing is said of a call that waits, in milliseconds; 15,000 by default. */
  readonly quietMs?: number;
}

/** A channel to the service, and its proxy. */
export interface Connection {
  readonly stub: PubSubStub;
  /** Its proxy, as messages name it. `undefined` for a direct connection. */
  readonly proxy: string | undefined;
}

/**
 * 100 events of 1 MB fit. A longer message is refused before it is read, also one that unpacks to more, so that it
 * cannot fill the memory.
 */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

const DEFAULT_CHANNEL_OPTIONS: ChannelOptions = {
  // A response of 100 events can exceed grpc-js's default of 4 MiB.
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  // Pings detect half-open connections, and keep connections alive through firewalls.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 15_000,
  'grpc.keepalive_permit_without_calls': 1,
  // Only a caller that knows the position can resume a stream.
  'grpc.enable_retries': 0,
  // A client that takes the place of one whose connection is dead must not be given that connection again.
  'grpc.use_local_subchannel_pool': 1,
  // The default of 64 KiB holds fewer than 100 events, so each batch would need several round trips.
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
};

/**
 * Makes connections to the service, each of which connects at its first call. The proxy settings of the environment are
 * read for each connection, which throws a `ConfigurationError` where they are unusable.
 *
 * @throws `ConfigurationError` when `tls` is unusable.
 */
export function connections({ endpoint, tls, channelOptions, proxy }: ChannelSettings): () => Connection {
  const channelCredentials = tls === undefined ? credentials.createInsecure() : tlsCredentials(tls);
  // The option of grpc-js itself switches proxies off for streams only.
  const option = proxy ?? (channelOptions['grpc.enable_http_proxy'] === 0 ? false : undefined);
  const way = () => wayTo(endpoint, option);
  // An option is checked at the call, like all others.
  if (option !== undefined) way();
  return () => {
    const { target, options, by } = way();
    const stub = new PubSubStub(target, channelCredentials, {
      ...DEFAULT_CHANNEL_OPTIONS,
      ...options,
      ...channelOptions,
      // grpc-js has rules of its own, but ours were already applied.
      'grpc.enable_http_proxy': 0,
    });
    return { stub, proxy: by && proxyName(by) };
  };
}

interface Way {
  readonly target: string;
  readonly options: ChannelOptions;
  readonly by: Proxy | undefined;
}

/** grpc-js asks for the tunnel. It speaks only plain HTTP to the proxy. */
function wayTo(endpoint: string, option: ProxyOption): Way {
  const by = proxyTo(targetOf(endpoint), 'stream', option);
  if (by === undefined) return { target: endpoint, options: {}, by };
  const { isSecure, hostname, port, credentials: secret } = by;
  if (isSecure) throw secureProxy(by);
  const options = {
    'grpc.default_authority': endpoint,
    'grpc.http_connect_target': `dns:${endpoint}`,
    ...(secret !== '' && { 'grpc.http_connect_creds': secret }),
  };
  return { target: `dns:${hostname}:${port}`, options, by };
}

function secureProxy(proxy: Proxy): ConfigurationError {
  return new ConfigurationError(
    `Streams cannot go by ${proxyName(proxy)}: its URL begins with "https://", so it is spoken to over TLS itself, and gRPC does ` +
      'that in plain HTTP only. What is sent through it is TLS all the same. Give its address in plain HTTP ' +
      '("http://proxy.example:3128"), which most have: in grpc_proxy, for streams alone, or as the option proxy. Where the way ' +
      'is open, go straight: createClient({ proxy: false }), or list the host in NO_PROXY.',
  );
}

/**
 * Emits once the channel is connected, at once where it is connected already, and never where it is closed before. It
 * does not start the connection.
 */
export function whenConnected(channel: ChannelInterface): Observable<void> {
  return new Observable((subscriber) => {
    const look = () => {
      if (subscriber.closed) return;
      const state = channel.getConnectivityState(false);
      if (state === connectivityState.READY) {
        subscriber.next();
        subscriber.complete();
      } else if (state !== connectivityState.SHUTDOWN) {
        channel.watchConnectivityState(state, Infinity, (error) => {
          if (!error) look();
        });
      }
    };
    look();
  });
}
