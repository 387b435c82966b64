import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { WireFetchRequest, WireFetchResponse } from '@rxforce/core/codec';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { fileURLToPath } from 'node:url';
import type { Emulator } from '../../src/index.js';

const PROTO_PATH = fileURLToPath(new URL('../../../../proto/pubsub_api.proto', import.meta.url));
const { Subscribe } = loadSync(PROTO_PATH, { longs: String, defaults: true })[
  'eventbus.v1.PubSub'
] as ServiceDefinition;
/** Before each message: whether it is compressed, and its length. */
const FRAME_HEADER_BYTES = 5;

/** A client without gRPC: one HTTP/2 connection, and what comes over it. */
export class Http2Client {
  readonly session: ClientHttp2Session;
  /** The error code of GOAWAY, once it came. */
  goAway: number | undefined;
  private readonly connected: Promise<unknown>;

  constructor(private readonly emulator: Emulator) {
    const { ca, grpcEndpoint } = emulator;
    this.session = connect(`${ca === undefined ? 'http' : 'https'}://${grpcEndpoint}`, ca === undefined ? {} : { ca });
    this.connected = new Promise((resolve) => this.session.once('connect', resolve));
    this.session.on('error', () => undefined);
    this.session.on('goaway', (code: number) => (this.goAway = code));
  }

  /** Opens a Subscribe stream and asks for events on it. */
  subscribe(request: Partial<WireFetchRequest>): Http2Stream {
    const { accessToken, instanceUrl, organizationId } = this.emulator.credentials;
    const stream = this.session.request({
      ':method': 'POST',
      ':path': Subscribe!.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      accesstoken: accessToken,
      instanceurl: instanceUrl,
      tenantid: organizationId,
    });
    return new Http2Stream(stream).request(request);
  }

  /**
   * Pings, and resolves with the answer. What the server had sent before it was pinged has arrived then, because all of
   * a connection comes in order.
   */
  async ping(): Promise<void> {
    await this.connected;
    await new Promise<void>((resolve, reject) => {
      this.session.ping((error) => (error === null ? resolve() : reject(error)));
    });
  }

  close(): void {
    this.session.destroy();
  }
}

/** A stream of it. */
export class Http2Stream {
  private received: Buffer = Buffer.alloc(0);

  constructor(readonly stream: ClientHttp2Stream) {
    stream.on('error', () => undefined);
    stream.on('data', (data: Buffer) => (this.received = Buffer.concat([this.received, data])));
  }

  /** The responses so far. */
  get responses(): WireFetchResponse[] {
    const responses: WireFetchResponse[] = [];
    let rest = this.received;
    while (rest.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + rest.readUInt32BE(1);
      responses.push(Subscribe!.responseDeserialize(rest.subarray(FRAME_HEADER_BYTES, end)) as WireFetchResponse);
      rest = rest.subarray(end);
    }
    return responses;
  }

  /** Sends a FetchRequest. */
  request(request: Partial<WireFetchRequest>): this {
    const message = Subscribe!.requestSerialize(request);
    const header = Buffer.alloc(FRAME_HEADER_BYTES);
    header.writeUInt32BE(message.length, 1);
    this.stream.write(Buffer.concat([header, message]));
    return this;
  }
}
