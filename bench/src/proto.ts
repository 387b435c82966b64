import { fileURLToPath } from 'node:url';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';

/** The service's definition, from the text that the whole workspace shares. */
export function loadPubSub(options: Options): PackageDefinition {
  return loadSync(fileURLToPath(new URL('../../proto/pubsub_api.proto', import.meta.url)), options);
}

/** The service's name in it. */
export const PUB_SUB = 'eventbus.v1.PubSub';
