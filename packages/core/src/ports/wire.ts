/**
 * The messages of `eventbus.v1`. The names with `Wire` are the shapes on the wire. In answers, a field that is not
 * there has the default value of its type.
 *
 * @packageDocumentation
 */

import type { FetchedEvent } from './fetched-event.js';

/** The service's replay presets, by number. */
export const WireReplayPreset = { LATEST: 0, EARLIEST: 1, CUSTOM: 2 } as const;
/** One of {@link WireReplayPreset}. */
export type WireReplayPreset = (typeof WireReplayPreset)[keyof typeof WireReplayPreset];

/** A header of an event. */
export interface WireEventHeader {
  readonly key: string;
  readonly value: Uint8Array;
}

/** An event as it was published. */
export interface WireProducerEvent {
  readonly id: string;
  readonly schemaId: string;
  readonly payload: Buffer;
  readonly headers?: readonly WireEventHeader[];
}

/** An event as it is delivered. */
export interface WireConsumerEvent {
  readonly event: WireProducerEvent | null;
  readonly replayId: Buffer;
}

/** Asks for more events. Only `numRequested` counts after the first request of a call. */
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

/** A `WireFetchResponse` as it is read, with its events in the message that brought them. */
export interface FetchResponse extends Omit<WireFetchResponse, 'events'> {
  /** `null` for one that holds no event. */
  readonly events: readonly (FetchedEvent | null)[];
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

/** The schema of an id. */
export interface WireSchemaInfo {
  readonly schemaJson: string;
  readonly schemaId: string;
  readonly rpcId: string;
}

/** What failed, in the service's words. */
export interface WireError {
  /** 0 unknown, 1 publishing, 2 a commit. */
  readonly code: number;
  readonly msg: string;
}

/** Events to publish on a topic. */
export interface WirePublishRequest {
  readonly topicName: string;
  readonly events: readonly WireProducerEvent[];
}

/** What became of one event. */
export interface WirePublishResult {
  /** Empty where `error` is set. */
  readonly replayId: Buffer;
  readonly error: WireError | null;
  /** The event's own id. */
  readonly correlationKey: string;
}

/** What became of the events of a request: one result for each, in order. */
export interface WirePublishResponse {
  readonly results: readonly WirePublishResult[];
  readonly schemaId: string;
  readonly rpcId: string;
}

/** Makes a managed subscription's position durable. */
export interface WireCommitRequest {
  readonly commitRequestId: string;
  readonly replayId: Uint8Array;
}

/** Answers a commit, and all commits before it. */
export interface WireCommitResponse {
  readonly commitRequestId: string;
  readonly replayId: Buffer;
  readonly error: WireError | null;
  /** The time of the commit, in epoch milliseconds, as decimal digits. */
  readonly processTime: string;
}

/**
 * Asks for events of a managed subscription, commits, or both. The subscription's name counts in the first request of a
 * call only.
 */
export interface WireManagedFetchRequest {
  readonly subscriptionId?: string;
  readonly developerName?: string;
  /** 0 in a commit alone. */
  readonly numRequested: number;
  readonly commitReplayIdRequest?: WireCommitRequest;
}

/** As a `WireFetchResponse`, or with the answer to a commit. */
export interface WireManagedFetchResponse extends WireFetchResponse {
  readonly commitResponse: WireCommitResponse | null;
}

/** A `WireManagedFetchResponse` as it is read, with its events in the message that brought them. */
export interface ManagedFetchResponse extends FetchResponse {
  readonly commitResponse: WireCommitResponse | null;
}
