import { ConfigurationError } from '@rxforce/core/model';
import { constants, type ServerHttp2Stream } from 'node:http2';

/** A call of grpc-js, with the private field that has the HTTP/2 stream. */
interface InnerCall {
  readonly call?: { readonly stream?: Partial<Pick<ServerHttp2Stream, 'close'>> };
}

/**
 * Ends a call's stream with RST_STREAM: no status, no trailers. grpc-js has no public way to do so.
 *
 * @throws `ConfigurationError` when this version of grpc-js keeps its stream elsewhere.
 */
export function resetStream(call: object): void {
  const stream = (call as InnerCall).call?.stream;
  if (typeof stream?.close !== 'function') {
    throw new ConfigurationError(
      "The faults dropStreams and losePublishes need the field call.stream of grpc-js's calls, which the @grpc/grpc-js " +
        'that is installed does not have. Install version 1.14.',
    );
  }
  stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}
