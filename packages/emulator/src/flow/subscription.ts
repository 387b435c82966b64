import { WireReplayPreset, type WireFetchRequest } from '@rxforce/core/codec';
import type { Bus } from '../bus/bus.js';
import { encodeReplayId } from '../bus/replay-id.js';
import type { BusEvent, Topic } from '../bus/topic.js';
import type { Refusal } from './refusal.js';

/** Most events that one call can have asked for and not yet been given. Asking for more is no error. */
export const MOST_OUTSTANDING = 100;

/** A live Subscribe or ManagedSubscribe call as seen from the server. */
export interface SubscriptionSnapshot {
  /** Empty until the first request. */
  readonly topic: string;
  /** Events asked for and not delivered, after the limit of 100. */
  readonly pending: number;
  /** Events delivered so far. */
  readonly delivered: number;
  /** Sum of all `num_requested` so far, before the limit. */
  readonly requested: number;
  /** The highest `pending` so far. */
  readonly maxPending: number;
  /** The developer name of the managed subscription; there for a ManagedSubscribe call alone. */
  readonly managed?: string;
}

/** What one response carries. */
export interface Batch {
  /** None in a keepalive. */
  readonly events: readonly BusEvent[];
  readonly latestReplayId: Buffer;
  readonly pending: number;
}

/** The flow control of one Subscribe call: what was asked for, what may be delivered. Knows no time and no network. */
export class Subscription {
  readonly #bus: Bus;
  readonly #mostPerResponse: () => number;
  #topic: Topic | undefined;
  /** Where it began. */
  #start = 0;
  /** Everything up to this position was delivered or skipped. */
  #position = 0;
  /** What the last response said. */
  #latestReplayId: Buffer | undefined;
  /** Delivered already, and to be delivered again before anything else. */
  #again: BusEvent[] = [];
  #pending = 0;
  #delivered = 0;
  #requested = 0;
  #maxPending = 0;

  /** @param mostPerResponse - Most events in one response, at the moment. */
  constructor(bus: Bus, mostPerResponse: () => number) {
    this.#bus = bus;
    this.#mostPerResponse = mostPerResponse;
  }

  /** The topic, once the first request has named it. */
  get topic(): Topic | undefined {
    return this.#topic;
  }

  /** Events that may be delivered. */
  get pending(): number {
    return this.#pending;
  }

  /** Everything up to this position was delivered or skipped. */
  get position(): number {
    return this.#position;
  }

  /** The replay id up to which everything was delivered or skipped. */
  get latestReplayId(): Buffer {
    return this.#latestReplayId ?? encodeReplayId(this.#position);
  }

  /** What a look from outside sees. */
  snapshot(): SubscriptionSnapshot {
    return {
      topic: this.#topic?.definition.name ?? '',
      pending: this.#pending,
      delivered: this.#delivered,
      requested: this.#requested,
      maxPending: this.#maxPending,
    };
  }

  /**
   * Takes a request for more events. Requests add up to 100 outstanding at most. The first one names the topic and
   * where to start; a later one may repeat the topic but not change it, and its replay fields are ignored.
   */
  request(request: WireFetchRequest): Refusal | undefined {
    if (request.numRequested <= 0) {
      return {
        reason: 'requested-events-invalid',
        message: 'The number of events requested in FetchRequest must be greater than zero.',
      };
    }
    const refusal = this.#topic === undefined ? this.#begin(request) : checkTopic(this.#topic, request.topicName);
    if (refusal === undefined) {
      this.#requested += request.numRequested;
      this.#pending = Math.min(MOST_OUTSTANDING, this.#pending + request.numRequested);
      this.#maxPending = Math.max(this.#maxPending, this.#pending);
    }
    return refusal;
  }

  /** The next events within demand, or `undefined` when there is nothing to deliver. */
  take(): Batch | undefined {
    if (this.#topic === undefined || this.#pending === 0) {
      return undefined;
    }
    const most = this.#most();
    const again = this.#again.splice(0, most);
    const events = again.length > 0 ? again : this.#bus.eventsAfter(this.#topic, this.#position, most);
    const last = events.at(-1);
    if (last === undefined) {
      return undefined;
    }
    this.#position = Math.max(this.#position, last.position);
    this.#pending -= events.length;
    this.#delivered += events.length;
    this.#latestReplayId = last.replayId;
    return { events, latestReplayId: last.replayId, pending: this.#pending };
  }

  /** Whether there is something to deliver, but less than the next response can carry. */
  get isPartlyFilled(): boolean {
    const most = this.#most();
    const fresh = this.#topic === undefined ? [] : this.#bus.eventsAfter(this.#topic, this.#position, most);
    const ready = this.#again.length + fresh.length;
    return ready > 0 && ready < most;
  }

  /** Delivers the last events again, up to so many, before it goes on. Tells how many that are. */
  redeliver(count: number): number {
    const delivered = this.#topic?.events.upTo(this.#position, count) ?? [];
    const again = delivered.filter(({ position }) => position > this.#start);
    this.#again.push(...again);
    return again.length;
  }

  /** An empty response with a fresh position, for a subscriber that was given everything there is. */
  keepalive(): Batch {
    this.#position = this.#bus.mark();
    this.#latestReplayId = encodeReplayId(this.#position);
    return { events: [], latestReplayId: this.#latestReplayId, pending: this.#pending };
  }

  /** Most events that the next response can carry. */
  #most(): number {
    return Math.min(this.#pending, this.#mostPerResponse());
  }

  #begin(request: WireFetchRequest): Refusal | undefined {
    const topic = this.#bus.topic(request.topicName);
    if (topic === undefined) {
      return unknownTopic(request.topicName);
    }
    const start = this.#startOf(topic, request);
    if (typeof start !== 'number') {
      return start;
    }
    this.#start = start;
    this.#position = start;
    this.#topic = topic;
    return undefined;
  }

  /** CUSTOM is right behind the given event, EARLIEST the start of retention, and anything else the tip. */
  #startOf(topic: Topic, { replayPreset, replayId }: WireFetchRequest): number | Refusal {
    if (replayPreset === WireReplayPreset.CUSTOM) {
      return this.#locate(topic, replayId);
    }
    return replayPreset === WireReplayPreset.EARLIEST ? 0 : this.#bus.tip;
  }

  #locate(topic: Topic, replayId: Uint8Array | undefined): number | Refusal {
    if (replayId === undefined || replayId.length === 0) {
      return {
        reason: 'replay-id-missing',
        message: 'The Replay ID validation failed. A Replay ID is required with the CUSTOM replay preset.',
      };
    }
    const invalid: Refusal = {
      reason: 'replay-id-invalid',
      message: 'The Replay ID validation failed. Ensure that the Replay ID is valid.',
    };
    return this.#bus.locate(topic, replayId) ?? invalid;
  }
}

/** The refusal of a topic that has no name, or does not exist: to the service, one that this user may not see. */
export function unknownTopic(name: string): Refusal {
  if (name === '') {
    return { reason: 'topic-blank', message: 'The topic name is blank. Provide the name of a topic.' };
  }
  return {
    reason: 'topic-unknown',
    message: `The topic "${name}" does not exist, or the user does not have access to it. Topic names are case-sensitive.`,
  };
}

function checkTopic(topic: Topic, name: string): Refusal | undefined {
  if (name === '' || name === topic.definition.name) {
    return undefined;
  }
  return {
    reason: 'topic-mismatch',
    message: `The topic of a subscription cannot change: it is "${topic.definition.name}", the request says "${name}".`,
  };
}
