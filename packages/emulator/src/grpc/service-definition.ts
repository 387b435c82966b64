// This must come before proto-loader, which makes code from text while it is loaded.
import { readyProtobuf } from './protobuf.js';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { CONTRACT } from './contract.js';

/** The service of `eventbus.v1`, loaded from its contract. Responses with events are passed as encoded bytes. */
export function pubSubService(): ServiceDefinition {
  readyProtobuf();
  // `longs: String`: replay ids are bytes, and the only 64-bit number is a time that no code computes with.
  const loaded = fromJSON(CONTRACT, { keepCase: false, longs: String, defaults: true, oneofs: true });
  const service = loaded['eventbus.v1.PubSub'] as ServiceDefinition;
  const encoded = ['Subscribe', 'ManagedSubscribe'].map((method) => [
    method,
    { ...service[method], responseSerialize: (bytes: Buffer) => bytes },
  ]);
  return { ...service, ...(Object.fromEntries(encoded) as ServiceDefinition) };
}
