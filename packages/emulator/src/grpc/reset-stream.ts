import { constants, type ServerHttp2Stream } from 'node:http2';

/** A call as gRPC has it inside: it keeps the HTTP/2 stream to itself, and has no other way to reset one. */
interface InnerCall {
  readonly call: { readonly stream: ServerHttp2Stream };
}

/** Ends a call's stream with RST_STREAM: no status, no trailers. */
export function resetStream(call: object): void {
  const { stream } = (call as InnerCall).call;
  stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}
