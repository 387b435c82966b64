// This must come before proto-loader, which makes code from text while it is loaded.
import { readyProtobuf } from './protobuf.js';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { CONTRACT } from './contract.js';

let loaded: ServiceDefinition | undefined;

/**
 * The service of `eventbus.v1`, loaded from its contract once for all emulators of a process. Responses with events are
 * passed as encoded bytes.
 */
export function pubSubService(): ServiceDefinition {
  return (loaded ??= loadService());
}

function loadService(): ServiceDefinition {
  readyProtobuf();
  // `longs: String`: replay ids are bytes, and the only 64-bit number is a time that no code computes with.
  const definitions = fromJSON(CONTRACT, { keepCase: false, longs: String, defaults: true, oneofs: true });
  const service = definitions['eventbus.v1.PubSub'] as ServiceDefinition;
  const encoded = ['Subscribe', 'ManagedSubscribe'].map((method) => [
    method,
    { ...service[method], responseSerialize: (bytes: Buffer) => bytes },
  ]);
  return { ...service, ...(Object.fromEntries(encoded) as ServiceDefinition) };
}
