import type { Client } from '@grpc/grpc-js';
import {
  type ClientDuplexStream,
  credentials,
  makeClientConstructor,
  Metadata,
  type ServiceDefinition,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { WireFetchRequest, WireFetchResponse } from '@rxforce/core/codec';
import type { WireManagedFetchRequest, WireManagedFetchResponse, WirePublishResponse } from '@rxforce/core/internal';
import { fileURLToPath } from 'node:url';
import type { Emulator } from '../../src/index.js';
import type { PublishRequest } from './wire.js';

const PROTO_PATH = fileURLToPath(new URL('../../../../proto/pubsub_api.proto', import.meta.url));

/** The service as any client sees it: from the contract, with nothing of the emulator's. */
const SERVICE = loadSync(PROTO_PATH, { longs: String, defaults: true })['eventbus.v1.PubSub'] as ServiceDefinition;

/** A client written by hand on grpc-js, which hides nothing of the wire. */
export class RawClient {
  readonly metadata: Metadata;
  private readonly client: Client;

  constructor(emulator: Emulator, changes: Readonly<Record<string, string>> = {}) {
    const { accessToken, instanceUrl, organizationId } = emulator.credentials;
    this.metadata = metadataOf({
      accesstoken: accessToken,
      instanceurl: instanceUrl,
      tenantid: organizationId,
      ...changes,
    });
    const { ca } = emulator;
    const channel = ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca));
    this.client = new (makeClientConstructor(SERVICE, 'PubSub'))(emulator.grpcEndpoint, channel, {
      'grpc.max_receive_message_length': -1,
      // A connection of its own, which clients do not share.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** Makes a unary call, and rejects with gRPC's own error. */
  call<Response>(method: string, request: object): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = SERVICE[method]!;
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest<object, Response>(
        path,
        requestSerialize,
        responseDeserialize as (bytes: Buffer) => Response,
        request,
        this.metadata,
        (error, response) => (error === null ? resolve(response!) : reject(error)),
      );
    });
  }

  /** Makes a unary call that must fail, and gives the error. */
  async fail(method: string, request: object): Promise<ServiceError> {
    try {
      await this.call(method, request);
    } catch (error) {
      return error as ServiceError;
    }
    throw new Error(`${method} succeeded.`);
  }

  /** Opens a stream of Subscribe. */
  open(): RawStream {
    return this.openStream('Subscribe');
  }

  /** Opens a stream of ManagedSubscribe. */
  openManaged(): RawStream<Partial<WireManagedFetchRequest>, WireManagedFetchResponse> {
    return this.openStream('ManagedSubscribe');
  }

  /** Opens a stream of PublishStream. */
  openPublish(): RawStream<Partial<PublishRequest>, WirePublishResponse> {
    return this.openStream('PublishStream');
  }

  private openStream<Request, Response>(method: string): RawStream<Request, Response> {
    const { path, requestSerialize, responseDeserialize } = SERVICE[method]!;
    const deserialize = responseDeserialize as (bytes: Buffer) => Response;
    return new RawStream(
      this.client.makeBidiStreamRequest<Request, Response>(path, requestSerialize, deserialize, this.metadata),
    );
  }

  close(): void {
    this.client.close();
  }
}

/** A stream whose responses are waited for one by one. */
export class RawStream<Request = Partial<WireFetchRequest>, Response = WireFetchResponse> {
  /** How the stream ended. */
  readonly status: Promise<StatusObject>;
  private readonly arrived: Response[] = [];
  private wanted: ((response: Response) => void) | undefined;

  constructor(readonly stream: ClientDuplexStream<Request, Response>) {
    this.status = new Promise((resolve) => stream.on('status', resolve));
    stream.on('error', () => undefined);
    stream.on('data', (response: Response) => {
      if (this.wanted === undefined) {
        this.arrived.push(response);
      } else {
        const wanted = this.wanted;
        this.wanted = undefined;
        wanted(response);
      }
    });
  }

  /** Sends a request. */
  request(request: Request): this {
    this.stream.write(request);
    return this;
  }

  /** The next response; rejects when the stream ends instead. */
  next(): Promise<Response> {
    const arrived = this.arrived.shift();
    if (arrived !== undefined) return Promise.resolve(arrived);
    const ended = this.status.then(({ code, details }) => {
      throw new Error(`The stream ended with ${code}: ${details}`);
    });
    return Promise.race([new Promise<Response>((resolve) => (this.wanted = resolve)), ended]);
  }

  /** The next responses up to this many events. */
  async events<Response extends WireFetchResponse>(
    this: RawStream<Request, Response>,
    count: number,
  ): Promise<Response[]> {
    const responses: Response[] = [];
    for (let received = 0; received < count;) {
      const response = await this.next();
      responses.push(response);
      received += response.events.length;
    }
    return responses;
  }
}

/** Trailers as plain text. */
export function trailersOf({ metadata }: { metadata: Metadata }): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.getMap()).map(([key, value]) => [key, value.toString()]));
}

function metadataOf(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) {
    metadata.set(key, value);
  }
  return metadata;
}
