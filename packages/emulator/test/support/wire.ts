import type { WireFetchResponse, WireProducerEvent } from '@rxforce/core/codec';

/** The messages of publishing and of managed subscriptions, as a client sees them. */
export interface PublishedEvent extends Partial<WireProducerEvent> {
  readonly headers?: readonly { readonly key: string; readonly value: Buffer }[];
}

export interface WirePublishRequest {
  readonly topicName: string;
  readonly events: readonly PublishedEvent[];
}

export interface WireError {
  readonly code: string;
  readonly msg: string;
}

export interface WirePublishResponse {
  readonly results: readonly {
    readonly replayId: Buffer;
    readonly error: WireError | null;
    readonly correlationKey: string;
  }[];
  readonly schemaId: string;
  readonly rpcId: string;
}

export interface WireManagedFetchRequest {
  readonly subscriptionId: string;
  readonly developerName: string;
  readonly numRequested: number;
  readonly commitReplayIdRequest: { readonly commitRequestId: string; readonly replayId: Buffer };
}

export interface WireManagedFetchResponse extends WireFetchResponse {
  readonly commitResponse: {
    readonly commitRequestId: string;
    readonly replayId: Buffer;
    readonly error: WireError | null;
    /** Milliseconds since 1970, as decimal digits. */
    readonly processTime: string;
  } | null;
}
