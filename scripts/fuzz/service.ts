import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

const CONTRACT = fileURLToPath(new URL('../../proto/pubsub_api.proto', import.meta.url));
const service = loadSync(CONTRACT, { longs: String, enums: Number, defaults: true })[
  'eventbus.v1.PubSub'
] as ServiceDefinition;

/** A method of the service, whose messages proto-loader writes and reads, which uses protobufjs. */
export function methodOf(name: string): MethodDefinition<object, object> {
  const method = service[name];
  if (method === undefined) throw new Error(`The contract has no method ${name}.`);
  return method as MethodDefinition<object, object>;
}
