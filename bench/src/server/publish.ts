import type { ServerDuplexStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { ORDER_SCHEMA_ID } from './order-schema.js';

/** What is read of a request: the events' ids. */
export interface PublishRequest {
  readonly events: readonly { readonly id: string }[];
}

/** What is answered. */
export interface PublishResponse {
  readonly results: readonly { readonly replayId: Buffer; readonly correlationKey: string }[];
  readonly schemaId: string;
}

let published = 0;

/** Takes all events of a request, unread. */
function take({ events }: PublishRequest): PublishResponse {
  return {
    results: events.map(({ id }) => {
      const replayId = Buffer.alloc(10);
      replayId.writeUInt32BE(++published, 4);
      return { replayId, correlationKey: id };
    }),
    schemaId: ORDER_SCHEMA_ID,
  };
}

/** Serves Publish. */
export function servePublish(
  { request }: ServerUnaryCall<PublishRequest, PublishResponse>,
  reply: sendUnaryData<PublishResponse>,
): void {
  reply(null, take(request));
}

/** Serves PublishStream. */
export function servePublishStream(call: ServerDuplexStream<PublishRequest, PublishResponse>): void {
  call.on('error', () => undefined);
  call.on('end', () => call.end());
  call.on('data', (request: PublishRequest) => call.write(take(request)));
}
