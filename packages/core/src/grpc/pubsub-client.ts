// Before proto-loader, which makes code of text as it is loaded.
import { readyProtobuf } from '../ports/protobuf.js';
import {
  makeClientConstructor,
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  type Metadata,
  type MethodDefinition,
  type requestCallback,
  type ServiceClientConstructor,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { CONTRACT } from '../ports/contract.js';
import { readFetchResponse, readManagedFetchResponse } from './fetch-response.js';
import type {
  WireFetchRequest,
  FetchResponse,
  WireManagedFetchRequest,
  ManagedFetchResponse,
  WirePublishRequest,
  WirePublishResponse,
  WireSchemaInfo,
  WireTopicInfo,
} from '../ports/wire.js';

/** The service's methods as grpc-js makes them. */
export interface PubSubClientStub extends Client {
  Subscribe(metadata: Metadata): ClientDuplexStream<WireFetchRequest, FetchResponse>;
  ManagedSubscribe(metadata: Metadata): ClientDuplexStream<WireManagedFetchRequest, ManagedFetchResponse>;
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
  const contract = fromJSON(CONTRACT, { longs: String, enums: Number, defaults: true });
  const service = contract['eventbus.v1.PubSub'] as ServiceDefinition;
  return makeClientConstructor(
    {
      ...service,
      Subscribe: readWith(service.Subscribe, readFetchResponse),
      ManagedSubscribe: readWith(service.ManagedSubscribe, readManagedFetchResponse),
    },
    'PubSub',
  );
}

/** The method with another reader of its answers. */
function readWith<Response>(
  method: MethodDefinition<unknown, unknown> | undefined,
  responseDeserialize: (bytes: Buffer) => Response,
): MethodDefinition<unknown, Response> {
  if (method === undefined) throw new TypeError('The contract lacks a method of the service.');
  return { ...method, responseDeserialize };
}
