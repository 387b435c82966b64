import { fileURLToPath } from 'node:url';
// Before proto-loader, which makes code of text as it is loaded.
import { readyProtobuf } from '../ports/protobuf.js';
import {
  credentials,
  loadPackageDefinition,
  type CallOptions,
  type ChannelCredentials,
  type ChannelOptions,
  type Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  type Metadata,
  type requestCallback,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ConfigurationError } from '../model/errors.js';
import type {
  WireFetchRequest,
  WireFetchResponse,
  WireManagedFetchRequest,
  WireManagedFetchResponse,
  WirePublishRequest,
  WirePublishResponse,
  WireSchemaInfo,
  WireTopicInfo,
} from '../ports/wire.js';

/** The service's methods as grpc-js makes them. */
export interface PubSubClientStub extends Client {
  Subscribe(metadata: Metadata): ClientDuplexStream<WireFetchRequest, WireFetchResponse>;
  ManagedSubscribe(metadata: Metadata): ClientDuplexStream<WireManagedFetchRequest, WireManagedFetchResponse>;
  PublishStream(metadata: Metadata): ClientDuplexStream<WirePublishRequest, WirePublishResponse>;
  Publish(
    request: WirePublishRequest,
    metadata: Metadata,
    options: CallOptions,
    callback: requestCallback<WirePublishResponse>,
  ): ClientUnaryCall;
  GetTopic(
    request: { topicName: string },
    metadata: Metadata,
    options: CallOptions,
    callback: requestCallback<WireTopicInfo>,
  ): ClientUnaryCall;
  GetSchema(
    request: { schemaId: string },
    metadata: Metadata,
    options: CallOptions,
    callback: requestCallback<WireSchemaInfo>,
  ): ClientUnaryCall;
}

/** What TLS needs. PEM, as text or bytes. */
export interface TlsOptions {
  /** Certificate authorities to trust instead of the well-known ones. */
  readonly ca?: string | Uint8Array | undefined;
  /** The client's private key, where the server asks for a client certificate. */
  readonly key?: string | Uint8Array | undefined;
  /** The client's certificate. */
  readonly cert?: string | Uint8Array | undefined;
}

/** How to reach the service. */
export interface ChannelSettings {
  readonly endpoint: string;
  /** `undefined` for plaintext. */
  readonly tls: TlsOptions | undefined;
  readonly channelOptions: ChannelOptions;
}

const DEFAULT_CHANNEL_OPTIONS: ChannelOptions = {
  // A response of 100 events can exceed grpc-js's default of 4 MiB.
  'grpc.max_receive_message_length': -1,
  // Half-open connections are noticed by pings, and kept alive through firewalls by them.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 15_000,
  'grpc.keepalive_permit_without_calls': 1,
  // A stream can only be resumed by who knows its position.
  'grpc.enable_retries': 0,
  // A client that takes the place of one whose connection is dead must not be given that connection again.
  'grpc.use_local_subchannel_pool': 1,
  // The default of 64 KiB holds fewer than 100 events, so each batch would need several round trips.
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
};

/** Opens a channel. It connects at the first call. */
export function pubSubClient({ endpoint, tls, channelOptions }: ChannelSettings): PubSubClientStub {
  const Stub = stubConstructor();
  const channelCredentials = tls === undefined ? credentials.createInsecure() : tlsCredentials(tls);
  const straight = { target: endpoint, options: {} };
  const { target, options } = channelOptions['grpc.enable_http_proxy'] === 0 ? straight : wayTo(endpoint);
  return new Stub(target, channelCredentials, {
    ...DEFAULT_CHANNEL_OPTIONS,
    ...options,
    ...channelOptions,
  }) as unknown as PubSubClientStub;
}

/**
 * By the proxy that the environment names, where logins go. grpc-js does so by itself for names in small letters; it knows
 * no HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and no lists with spaces.
 */
function wayTo(endpoint: string): { readonly target: string; readonly options: ChannelOptions } {
  if (isListed(endpoint, variable('no_grpc_proxy', 'no_proxy', 'NO_PROXY'))) {
    return { target: endpoint, options: { 'grpc.enable_http_proxy': 0 } };
  }
  const proxy = variable('grpc_proxy', 'https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY');
  const isKnown = proxy === variable('grpc_proxy', 'https_proxy', 'http_proxy');
  if (isKnown || !proxy.startsWith('http:') || !URL.canParse(proxy)) return { target: endpoint, options: {} };
  const { hostname, port, username, password } = new URL(proxy);
  const options = {
    'grpc.enable_http_proxy': 0,
    'grpc.default_authority': endpoint,
    'grpc.http_connect_target': `dns:${endpoint}`,
    ...(username !== '' && { 'grpc.http_connect_creds': decodeURIComponent(`${username}:${password}`) }),
  };
  return { target: `dns:${hostname}:${port === '' ? '80' : port}`, options };
}

/** Whether a list of hosts names this one, or a domain that it is in. */
function isListed(endpoint: string, list: string): boolean {
  const host = endpoint.replace(/:\d+$/, '');
  return list.split(/[\s,]+/).some((entry) => {
    const name = entry.replace(/^\*?\./, '');
    return entry === '*' || name === host || name === endpoint || (name !== '' && host.endsWith(`.${name}`));
  });
}

/** The first of these variables that is set. */
function variable(...names: readonly string[]): string {
  return names.map((name) => process.env[name] ?? '').find((value) => value !== '') ?? '';
}

function tlsCredentials({ ca, key, cert }: TlsOptions): ChannelCredentials {
  try {
    return credentials.createSsl(bytesOf(ca), bytesOf(key), bytesOf(cert));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`tls is not usable: ${reason}. ca, key and cert are PEM; key and cert go together.`, {
      cause,
    });
  }
}

function bytesOf(pem: string | Uint8Array | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}

let loaded: ServiceClientConstructor | undefined;

function stubConstructor(): ServiceClientConstructor {
  return (loaded ??= loadStubConstructor());
}

function loadStubConstructor(): ServiceClientConstructor {
  readyProtobuf();
  const path = fileURLToPath(new URL('../../proto/pubsub_api.proto', import.meta.url));
  const definition = loadPackageDefinition(loadSync(path, { longs: String, enums: Number, defaults: true }));
  const { eventbus } = definition as unknown as { eventbus: { v1: { PubSub: ServiceClientConstructor } } };
  return eventbus.v1.PubSub;
}
