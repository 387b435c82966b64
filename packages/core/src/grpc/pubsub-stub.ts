import {
  Client,
  type CallOptions,
  type ClientDuplexStream,
  type ClientUnaryCall,
  type Metadata,
  type requestCallback,
} from '@grpc/grpc-js';
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
import { readPublishResponse, readSchemaInfo, readTopicInfo } from './answers.js';
import { readFetchResponse, readManagedFetchResponse } from './fetch-response.js';
import {
  writeFetchRequest,
  writeManagedFetchRequest,
  writePublishRequest,
  writeSchemaRequest,
  writeTopicRequest,
} from './requests.js';

/** The path of a method of the service. */
const path = (method: string) => `/eventbus.v1.PubSub/${method}`;

/**
 * The calls of the service, as grpc-js makes them. Messages are written and read here, and not by a general library.
 */
export class PubSubStub extends Client {
  subscribe(metadata: Metadata): ClientDuplexStream<WireFetchRequest, FetchResponse> {
    return this.makeBidiStreamRequest(path('Subscribe'), writeFetchRequest, readFetchResponse, metadata);
  }

  managedSubscribe(metadata: Metadata): ClientDuplexStream<WireManagedFetchRequest, ManagedFetchResponse> {
    const method = path('ManagedSubscribe');
    return this.makeBidiStreamRequest(method, writeManagedFetchRequest, readManagedFetchResponse, metadata);
  }

  publishStream(metadata: Metadata): ClientDuplexStream<WirePublishRequest, WirePublishResponse> {
    return this.makeBidiStreamRequest(path('PublishStream'), writePublishRequest, readPublishResponse, metadata);
  }

  publish(
    request: WirePublishRequest,
    metadata: Metadata,
    options: CallOptions,
    callback: requestCallback<WirePublishResponse>,
  ): ClientUnaryCall {
    const [write, read] = [writePublishRequest, readPublishResponse];
    return this.makeUnaryRequest(path('Publish'), write, read, request, metadata, options, callback);
  }

  getTopic(
    topicName: string,
    metadata: Metadata,
    options: CallOptions,
    callback: requestCallback<WireTopicInfo>,
  ): ClientUnaryCall {
    const [write, read] = [writeTopicRequest, readTopicInfo];
    return this.makeUnaryRequest(path('GetTopic'), write, read, { topicName }, metadata, options, callback);
  }

  getSchema(
    schemaId: string,
    metadata: Metadata,
    options: CallOptions,
    callback: requestCallback<WireSchemaInfo>,
  ): ClientUnaryCall {
    const [write, read] = [writeSchemaRequest, readSchemaInfo];
    return this.makeUnaryRequest(path('GetSchema'), write, read, { schemaId }, metadata, options, callback);
  }
}
