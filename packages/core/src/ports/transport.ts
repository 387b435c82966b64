import type { Observable } from 'rxjs';
import type { ReplayId } from '../model/replay-id.js';
import type { WireFetchResponse, WireSchemaInfo, WireTopicInfo } from './wire.js';

/** What a stream is opened with. */
export interface StreamStart {
  readonly topic: string;
  /** `'latest'`: the tip. `'earliest'`: the oldest event kept. A replay id: after that one. */
  readonly from: 'latest' | 'earliest' | ReplayId;
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
   */
  subscribe(
    start: StreamStart,
    demand: Observable<number>,
    silence: Observable<unknown>,
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
