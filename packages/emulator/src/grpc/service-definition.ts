// This must come before proto-loader, which makes code from text while it is loaded.
import { readyProtobuf } from '@rxforce/core/codec';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';

/** In the package's own `proto` directory, next to both `src` and `dist`. */
const PROTO_PATH = fileURLToPath(new URL('../../proto/pubsub_api.proto', import.meta.url));

/** The service of `eventbus.v1`, loaded from its contract. Responses with events are passed as encoded bytes. */
export function pubSubService(): ServiceDefinition {
  readyProtobuf();
  // `longs: String`: replay ids are bytes, and the only 64-bit number is a time that no code computes with.
  const loaded = loadSync(PROTO_PATH, { keepCase: false, longs: String, defaults: true, oneofs: true });
  const service = loaded['eventbus.v1.PubSub'] as ServiceDefinition;
  const encoded = ['Subscribe', 'ManagedSubscribe'].map((method) => [
    method,
    { ...service[method], responseSerialize: (bytes: Buffer) => bytes },
  ]);
  return { ...service, ...(Object.fromEntries(encoded) as ServiceDefinition) };
}
