import { fileURLToPath } from 'node:url';
import {
  Metadata,
  Server,
  ServerCredentials,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { WireFetchRequest, WireFetchResponse, WireSchemaInfo } from '../../src/ports/wire.js';
import { THING } from './fake-service.js';

/** A response, or the bytes of one as they are. */
type RawResponse = Partial<WireFetchResponse> | Buffer;

/** The server's end of one Subscribe call. */
export type RawCall = ServerDuplexStream<WireFetchRequest, RawResponse>;

/** A gRPC server that does what a test says, right or wrong. */
export interface RawServer {
  readonly endpoint: string;
  /** Calls that are open. */
  readonly open: ReadonlySet<RawCall>;
  stop(): void;
}

/** Starts one, in plaintext, on a free port unless it is told which. */
export async function startRawServer(
  onSubscribe: (call: RawCall) => void,
  onGetSchema: handleUnaryCall<{ schemaId: string }, Partial<WireSchemaInfo>> = ({ request }, callback) =>
    callback(null, { schemaId: request.schemaId, schemaJson: THING.json }),
  atPort = 0,
): Promise<RawServer> {
  const path = fileURLToPath(new URL('../../../../proto/pubsub_api.proto', import.meta.url));
  const loaded = loadSync(path, { longs: String, enums: Number, defaults: true });
  const server = new Server();
  const open = new Set<RawCall>();
  const Subscribe: handleBidiStreamingCall<WireFetchRequest, RawResponse> = (call) => {
    open.add(call);
    const closed = () => open.delete(call);
    call.on('close', closed).on('cancelled', closed).on('finish', closed).on('error', closed);
    onSubscribe(call);
  };
  const service = loaded['eventbus.v1.PubSub'] as ServiceDefinition;
  const { responseSerialize } = service.Subscribe!;
  const responseBytes = (response: unknown) => (Buffer.isBuffer(response) ? response : responseSerialize(response));
  server.addService(
    { ...service, Subscribe: { ...service.Subscribe!, responseSerialize: responseBytes } },
    { Subscribe, GetSchema: onGetSchema },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${atPort}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { endpoint: `127.0.0.1:${port}`, open, stop: () => server.forceShutdown() };
}

/** An error as a server sends it: status, details, trailers. */
export function wireError(code: number, details: string, trailers: Record<string, string> = {}): Error {
  const metadata = new Metadata();
  Object.entries(trailers).forEach(([key, value]) => metadata.set(key, value));
  return Object.assign(new Error(details), { code, details, metadata });
}
