import { once } from 'node:events';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** An HTTP/2 server in plaintext that answers calls as a test says: what is no gRPC server, or a broken one. */
export interface Http2Server {
  readonly port: number;
  /** `127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Breaks all connections and listens no more. */
  stop(): Promise<void>;
}

/** Starts one. */
export async function startHttp2Server(answer: (stream: ServerHttp2Stream) => void, port = 0): Promise<Http2Server> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    session.on('error', () => undefined);
    sessions.add(session);
  });
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    answer(stream);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    endpoint: `127.0.0.1:${bound}`,
    stop: async () => {
      sessions.forEach((session) => session.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers as gRPC servers do: then come messages, then trailers. */
export function respondGrpc(stream: ServerHttp2Stream, headers: Record<string, string> = {}): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...headers });
}

/** The five bytes before each message. */
export function messageHead(length: number, isCompressed = false): Buffer {
  const head = Buffer.alloc(5);
  head[0] = Number(isCompressed);
  head.writeUInt32BE(length, 1);
  return head;
}
