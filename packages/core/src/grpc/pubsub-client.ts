import { fileURLToPath } from 'node:url';
// Before proto-loader, which makes code of text as it is loaded.
import { readyProtobuf } from '../ports/protobuf.js';
import {
  loadPackageDefinition,
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  type Metadata,
  type requestCallback,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
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

let loaded: ServiceClientConstructor | undefined;

/** The class of the service's clients, as grpc-js makes it of the protocol file. */
export function stubConstructor(): ServiceClientConstructor {
  return (loaded ??= loadStubConstructor());
}

function loadStubConstructor(): ServiceClientConstructor {
  readyProtobuf();
  const path = fileURLToPath(new URL('../../proto/pubsub_api.proto', import.meta.url));
  const definition = loadPackageDefinition(loadSync(path, { longs: String, enums: Number, defaults: true }));
  const { eventbus } = definition as unknown as { eventbus: { v1: { PubSub: ServiceClientConstructor } } };
  return eventbus.v1.PubSub;
}
