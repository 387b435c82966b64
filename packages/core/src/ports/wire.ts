/**
 * The messages of `eventbus.v1` as proto-loader hands them over, with `defaults` on: the shapes on the wire, no more.
 *
 * @packageDocumentation
 */

/** The service's replay presets, by number. */
export const WireReplayPreset = { LATEST: 0, EARLIEST: 1, CUSTOM: 2 } as const;
/** One of {@link WireReplayPreset}. */
export type WireReplayPreset = (typeof WireReplayPreset)[keyof typeof WireReplayPreset];

/** An event as it was published. */
export interface WireProducerEvent {
  readonly id: string;
  readonly schemaId: string;
  readonly payload: Buffer;
}

/** An event as it is delivered. */
export interface WireConsumerEvent {
  readonly event: WireProducerEvent | null;
  readonly replayId: Buffer;
}

/** Asks for more events. All but `numRequested` count in the first request of a call only. */
export interface WireFetchRequest {
  readonly topicName: string;
  readonly replayPreset?: WireReplayPreset;
  readonly replayId?: Uint8Array;
  readonly numRequested: number;
}

/** Some events, or none in a keepalive. */
export interface WireFetchResponse {
  readonly events: readonly WireConsumerEvent[];
  readonly latestReplayId: Buffer;
  readonly rpcId: string;
  readonly pendingNumRequested: number;
}

/** What the service knows about a topic. */
export interface WireTopicInfo {
  readonly topicName: string;
  readonly tenantGuid: string;
  readonly canPublish: boolean;
  readonly canSubscribe: boolean;
  readonly schemaId: string;
  readonly rpcId: string;
}

/** What a schema id stands for. */
export interface WireSchemaInfo {
  readonly schemaJson: string;
  readonly schemaId: string;
  readonly rpcId: string;
}
