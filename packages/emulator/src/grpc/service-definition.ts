import type { MethodDefinition, ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { WireFetchRequest } from '@rxforce/core/codec';
import { fileURLToPath } from 'node:url';

/** In the package's own `proto` directory, next to both `src` and `dist`. */
const PROTO_PATH = fileURLToPath(new URL('../../proto/pubsub_api.proto', import.meta.url));

/** A Subscribe stream as gRPC hands it over: requests in, encoded responses out. */
export type SubscribeStream = ServerDuplexStream<WireFetchRequest, Buffer>;

/** The service of `eventbus.v1`, loaded from its contract. Responses of Subscribe are handed over as encoded bytes. */
export function pubSubService(): ServiceDefinition {
  // `longs: String`: replay ids are bytes, and the one 64-bit number is a time that nobody computes with.
  const loaded = loadSync(PROTO_PATH, { keepCase: false, longs: String, defaults: true, oneofs: true });
  const service = loaded['eventbus.v1.PubSub'] as ServiceDefinition;
  const subscribe = service.Subscribe as MethodDefinition<unknown, unknown>;
  return { ...service, Subscribe: { ...subscribe, responseSerialize: (encoded) => encoded as Buffer } };
}
