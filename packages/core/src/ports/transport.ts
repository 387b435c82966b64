import type { Observable } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type {
  FetchResponse,
  ManagedFetchResponse,
  WirePublishRequest,
  WirePublishResponse,
  WireSchemaInfo,
  WireTopicInfo,
} from './wire.js';

/** The topic and the start of a stream. */
export interface StreamStart {
  readonly topic: string;
  /** `'latest'`: at the tip. `'earliest'`: at the oldest event kept. A replay id: after it. */
  readonly from: 'latest' | 'earliest' | ReplayId;
}

/** How a managed subscription is named: by its id, or by its developer name. */
export type ManagedName = { readonly subscriptionId: string } | { readonly developerName: string };

/** One request of a managed stream. */
export interface ManagedRequest {
  /** Events wanted; 0 in a commit alone. */
  readonly numRequested: number;
  /** The position to make durable. */
  readonly commit?: { readonly id: string; readonly replayId: ReplayId };
}

/**
 * The service's calls. Each returned Observable is cold: each subscription makes a call of its own, unsubscribing
 * cancels it, and it errors with an `RxforceError`.
 */
export interface Transport {
  /**
   * A stream of responses. It completes when the server ends it without an error.
   *
   * @param demand - Emits how many more events to ask for, each time there is room. It is subscribed to once the stream
   * is open, and its first number opens the subscription. When it completes, our half of the stream is closed.
   * @param silence - When it emits, the connection counts as dead. The stream errors with a `ConnectionError`, and
   * later calls are made on another connection.
   * @param connected - Called once, when the stream has a connection: before anything comes, and also where nothing
   * comes.
   */
  subscribe(
    start: StreamStart,
    demand: Observable<number>,
    silence: Observable<unknown>,
    connected?: () => void,
  ): Observable<FetchResponse>;
  /** Emits the id of the org that calls go to, in its form of 15 characters. Logs in where that is needed. */
  organization(): Observable<string>;
  /** Asks the service about a topic. */
  topic(topicName: string): Observable<WireTopicInfo>;
  /** Fetches the schema of an id. */
  schema(schemaId: string): Observable<WireSchemaInfo>;
  /** Ends the connection. The caller cancels calls that are still open. */
  close(): void;
}

/** The service's calls that publish. Otherwise as those of `Transport`. */
export interface PublishTransport extends Pick<Transport, 'topic' | 'schema'> {
  /** Publishes the events of one request: one response, within 30 seconds. */
  publish(request: WirePublishRequest): Observable<WirePublishResponse>;
  /**
   * A stream of requests and their responses, in order. It completes when the server ends it without an error.
   *
   * @param topic - The topic of all requests, for errors.
   * @param requests - Subscribed to once the stream is open. When it completes, our half of the stream is closed.
   * @param silence - When it emits, the connection counts as dead. The stream errors with the emitted value, and later
   * calls are made on another connection.
   */
  publishStream(
    topic: string,
    requests: Observable<WirePublishRequest>,
    silence: Observable<RxforceError>,
  ): Observable<WirePublishResponse>;
}

/** The service's call for managed subscriptions. Otherwise as those of `Transport`. */
export interface ManagedTransport {
  /**
   * A stream of responses, as `Transport.subscribe`. The service keeps its position.
   *
   * @param requests - Subscribed to once the stream is open. The first one opens the subscription.
   */
  managedSubscribe(
    name: ManagedName,
    requests: Observable<ManagedRequest>,
    silence: Observable<unknown>,
    connected?: () => void,
  ): Observable<ManagedFetchResponse>;
}
