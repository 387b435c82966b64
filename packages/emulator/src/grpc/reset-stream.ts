import { constants, type ServerHttp2Stream } from 'node:http2';
import type { SubscribeStream } from './service-definition.js';

/** A call as gRPC has it inside: it keeps the HTTP/2 stream to itself, and has no other way to reset one. */
interface InnerCall {
  readonly call: { readonly stream: ServerHttp2Stream };
}

/** Ends a stream with RST_STREAM: no status, no trailers. */
export function resetStream(stream: SubscribeStream): void {
  const { call } = stream as unknown as InnerCall;
  call.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}
