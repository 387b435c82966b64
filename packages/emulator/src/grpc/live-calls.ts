import type { SubscriptionSnapshot } from '../flow/subscription.js';
import type { StreamEnds } from './call-stream.js';
import type { StreamMethod } from './methods.js';

/** A live call, as the server and its faults see it. */
export interface LiveCall {
  readonly method: StreamMethod;
  /** The topic; empty until the first request. */
  readonly topic: string;
  readonly stream: StreamEnds & { onClose(listener: () => void): void };
}

/** A live call that delivers events. */
export interface EventCall extends LiveCall {
  /** The call as callers of the emulator see it. */
  snapshot(): SubscriptionSnapshot;
  /** Sends the newest position now, if there is demand and the client reads. */
  keepalive(): void;
  /** Sends the last events again, at most `count`, within demand. Returns their number. */
  redeliver(count: number): number;
}

/** A live PublishStream as seen from the server. */
export interface PublishStreamSnapshot {
  /** The topic; empty until the first request. */
  readonly topic: string;
  /** Requests taken so far. */
  readonly requests: number;
  /** Events in these requests, including those that were not published. */
  readonly events: number;
}

/** A live call that publishes. */
export interface PublishCall extends LiveCall {
  /** The call as callers of the emulator see it. */
  snapshot(): PublishStreamSnapshot;
}

/** Selects calls; an omitted part selects all. */
export interface CallFilter {
  readonly topic?: string | undefined;
  readonly method?: StreamMethod | undefined;
}

/** The live calls, without those that were silenced. */
export class LiveCalls {
  private readonly eventCalls = new Set<EventCall>();
  private readonly publishCalls = new Set<PublishCall>();

  /** Adds a call that delivers events, until it ends. */
  addEvents(call: EventCall): void {
    this.eventCalls.add(call);
    call.stream.onClose(() => this.eventCalls.delete(call));
  }

  /** Adds a call that publishes, until it ends. */
  addPublishing(call: PublishCall): void {
    this.publishCalls.add(call);
    call.stream.onClose(() => this.publishCalls.delete(call));
  }

  /** The calls that a filter selects. */
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
