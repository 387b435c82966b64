import {
  credentials,
  makeClientConstructor,
  Metadata,
  type Client,
  type ClientDuplexStream,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadPubSub, PUB_SUB } from '../proto.js';
import type { ServerAddress } from '../processes/messages.js';
import { SESSION } from './credentials.js';

/** Asks for events. */
export interface FetchRequest {
  readonly topicName: string;
  readonly replayPreset?: number;
  readonly numRequested: number;
}

/** Publishes events. */
interface PublishRequest {
  readonly topicName: string;
  readonly events: readonly { readonly id: string; readonly schemaId: string; readonly payload: Buffer }[];
}

/** Takes the answer; there is none beside an error. */
type UnaryCallback<Response> = (error: Error | null, response: Response) => void;

/** The methods as grpc-js makes them, those that are called here. */
export interface PubSubStub<Response> extends Client {
  Subscribe(metadata: Metadata): ClientDuplexStream<FetchRequest, Response>;
  PublishStream(metadata: Metadata): ClientDuplexStream<PublishRequest, unknown>;
  GetTopic(request: { topicName: string }, metadata: Metadata, callback: UnaryCallback<{ schemaId: string }>): void;
  GetSchema(request: { schemaId: string }, metadata: Metadata, callback: UnaryCallback<{ schemaJson: string }>): void;
}

/**
 * A client of grpc-js and proto-loader, with nothing around it.
 *
 * @param deserialize - Reads the responses of Subscribe, in place of proto-loader.
 */
export function pubSubStub<Response>(
  { endpoint, ca }: ServerAddress,
  deserialize?: (bytes: Buffer) => Response,
): PubSubStub<Response> {
  const definition = loadPubSub({ defaults: true })[PUB_SUB] as ServiceDefinition;
  const { Subscribe } = definition;
  const Stub = makeClientConstructor(
    deserialize && Subscribe
      ? { ...definition, Subscribe: { ...Subscribe, responseDeserialize: deserialize } }
      : definition,
    PUB_SUB,
  );
  return new Stub(endpoint, credentials.createSsl(Buffer.from(ca)), {
    'grpc-node.flow_control_window': 4 * 1024 * 1024,
  }) as unknown as PubSubStub<Response>;
}

/** Metadata for a call. */
export function sessionMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set('accesstoken', SESSION.accessToken);
  metadata.set('instanceurl', SESSION.instanceUrl);
  metadata.set('tenantid', SESSION.organizationId);
  return metadata;
}
