import type { SubscriptionSnapshot } from '../flow/subscription.js';
import type { StreamEnds } from './call-stream.js';
import type { StreamMethod } from './methods.js';

/** A call that lives, as the server and its faults know it. */
export interface LiveCall {
  readonly method: StreamMethod;
  /** Empty until the first request. */
  readonly topic: string;
  readonly stream: StreamEnds & { onClose(listener: () => void): void };
}

/** A live call that delivers events. */
export interface EventCall extends LiveCall {
  /** What a look from outside sees. */
  snapshot(): SubscriptionSnapshot;
  /** Tells the newest position now, if anything is asked for and the client reads. */
  keepalive(): void;
  /** Sends the last events again, up to so many, within demand. Tells how many that are. */
  redeliver(count: number): number;
}

/** A live PublishStream as seen from the server. */
export interface PublishStreamSnapshot {
  /** Empty until the first request. */
  readonly topic: string;
  /** Requests taken so far. */
  readonly requests: number;
  /** Events in them, those that were not published included. */
  readonly events: number;
}

/** A live call that publishes. */
export interface PublishCall extends LiveCall {
  /** What a look from outside sees. */
  snapshot(): PublishStreamSnapshot;
}

/** Which calls are meant: all, where a part is left out. */
export interface CallFilter {
  readonly topic?: string | undefined;
  readonly method?: StreamMethod | undefined;
}

/** The calls that live, without those that were silenced. */
export class LiveCalls {
  private readonly eventCalls = new Set<EventCall>();
  private readonly publishCalls = new Set<PublishCall>();

  /** Takes a call that delivers events, until it is over. */
  addEvents(call: EventCall): void {
    this.eventCalls.add(call);
    call.stream.onClose(() => this.eventCalls.delete(call));
  }

  /** Takes a call that publishes, until it is over. */
  addPublishing(call: PublishCall): void {
    this.publishCalls.add(call);
    call.stream.onClose(() => this.publishCalls.delete(call));
  }

  /** The calls of some kind. */
  all({ topic, method }: CallFilter = {}): LiveCall[] {
    const calls: LiveCall[] = [...this.eventCalls, ...this.publishCalls];
    return calls.filter((call) => (topic ?? call.topic) === call.topic && (method ?? call.method) === call.method);
  }

  /** The calls that deliver events, of one topic or of all. */
  events(topic?: string): EventCall[] {
    return [...this.eventCalls].filter((call) => (topic ?? call.topic) === call.topic);
  }

  /** The calls that publish. */
  publishing(): PublishCall[] {
    return [...this.publishCalls];
  }
}
