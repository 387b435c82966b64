import type { Observable } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type {
  WireFetchResponse,
  WireManagedFetchResponse,
  WirePublishRequest,
  WirePublishResponse,
  WireSchemaInfo,
  WireTopicInfo,
} from './wire.js';

/** What a stream is opened with. */
export interface StreamStart {
  readonly topic: string;
  /** `'latest'`: the tip. `'earliest'`: the oldest event kept. A replay id: after that one. */
  readonly from: 'latest' | 'earliest' | ReplayId;
}

/** How a managed subscription is named: by its id, or by its developer name. */
export type ManagedName = { readonly subscriptionId: string } | { readonly developerName: string };

/** What one request of a managed stream asks. */
export interface ManagedRequest {
  /** Events wanted; 0 in a commit alone. */
  readonly numRequested: number;
  /** The position to be made durable. */
  readonly commit?: { readonly id: string; readonly replayId: ReplayId };
}

/**
 * The service's calls. Each returned Observable is cold: it makes a call of its own when it is subscribed to, cancels
 * it when unsubscribed, and errors with an `RxforceError`.
 */
export interface Transport {
  /**
   * A stream of responses. It completes when the server ends it in peace.
   *
   * @param demand - How many more events to ask for, each time there is room. Subscribed to once the stream is open; the
   * first number opens the subscription. When it completes, our half of the stream is closed.
   * @param silence - When it emits, the connection counts as dead: the stream errors with a `ConnectionError`, and later
   * calls are made on another connection.
   * @param connected - Called once, when the stream has a connection: before anything comes, and also where nothing does.
   */
  subscribe(
    start: StreamStart,
    demand: Observable<number>,
    silence: Observable<unknown>,
    connected?: () => void,
  ): Observable<WireFetchResponse>;
  /** The id of the org that calls go to, in its form of 15 characters: one value. Logs in, where that is needed. */
  organization(): Observable<string>;
  /** What the service knows about a topic. */
  topic(topicName: string): Observable<WireTopicInfo>;
  /** The schema behind an id. */
  schema(schemaId: string): Observable<WireSchemaInfo>;
  /** Ends the connection. Calls still open must be cancelled by who made them. */
  close(): void;
}

/** The service's calls that publish. As those of `Transport` otherwise. */
export interface PublishTransport extends Pick<Transport, 'topic' | 'schema'> {
  /** Publishes the events of one request: one response, within 30 seconds. */
  publish(request: WirePublishRequest): Observable<WirePublishResponse>;
  /**
   * A stream of requests and their responses, in order. It completes when the server ends it in peace.
   *
   * @param topic - The topic of all requests, to be named in errors.
   * @param requests - Subscribed to once the stream is open. When it completes, our half of the stream is closed.
   * @param silence - When it emits, the connection counts as dead: the stream errors with what is emitted, and later calls
   * are made on another connection.
   */
  publishStream(
    topic: string,
    requests: Observable<WirePublishRequest>,
    silence: Observable<RxforceError>,
  ): Observable<WirePublishResponse>;
}

/** The service's call for managed subscriptions. As those of `Transport` otherwise. */
export interface ManagedTransport {
  /**
   * A stream of responses, as `Transport.subscribe`, of which the service keeps the position.
   *
   * @param requests - Subscribed to once the stream is open. The first one opens the subscription.
   */
  managedSubscribe(
    name: ManagedName,
    requests: Observable<ManagedRequest>,
    silence: Observable<unknown>,
    connected?: () => void,
  ): Observable<WireManagedFetchResponse>;
}
