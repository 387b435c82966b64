import { WireReplayPreset, type WireFetchRequest } from '@rxforce/core/codec';
import type { Bus } from '../bus/bus.js';
import { encodeReplayId } from '../bus/replay-id.js';
import type { BusEvent, Topic } from '../bus/topic.js';
import type { Refusal } from '../model/refusal.js';

/** Most outstanding events of one call: requested and not yet delivered. A request for more is not an error. */
export const MOST_OUTSTANDING = 100;

/** A live Subscribe or ManagedSubscribe call as seen from the server. */
export interface SubscriptionSnapshot {
  /** Empty until the first request. */
  readonly topic: string;
  /** Events requested and not delivered, at most 100. */
  readonly pending: number;
  /** Events delivered so far. */
  readonly delivered: number;
  /** Sum of all `num_requested` so far, before the limit. */
  readonly requested: number;
  /** The highest `pending` so far. */
  readonly maxPending: number;
  /** Keepalives sent so far: empty responses with a new position. */
  readonly keepalives: number;
  /** The developer name of the managed subscription; present only for a ManagedSubscribe call. */
  readonly managed?: string;
}

/** The content of one response. */
export interface Batch {
  /** The events; none in a keepalive. */
  readonly events: readonly BusEvent[];
  readonly latestReplayId: Buffer;
  readonly pending: number;
}

/**
 * The flow control of one Subscribe call: the requested events, and the events that may be delivered. It knows neither
 * time nor network.
 */
export class Subscription {
  private subscribed: Topic | undefined;
  /** The position where it began. */
  private start = 0;
  /** Everything up to this position was delivered or skipped. */
  private reached = 0;
  /** The latest replay id of the last response. */
  private lastReplayId: Buffer | undefined;
  /** Events that were already delivered, and are to be delivered again before all others. */
  private readonly again: BusEvent[] = [];
  private outstanding = 0;
  private delivered = 0;
  private requested = 0;
  private maxPending = 0;
  private keepalives = 0;

  /** @param mostPerResponse - The current limit of events in one response. */
  constructor(
    private readonly bus: Bus,
    private readonly mostPerResponse: () => number,
  ) {}

  /** The topic, once the first request has named it. */
  get topic(): Topic | undefined {
    return this.subscribed;
  }

  /** Events that may be delivered. */
  get pending(): number {
    return this.outstanding;
  }

  /** Everything up to this position was delivered or skipped. */
  get position(): number {
    return this.reached;
  }

  /** The replay id up to which everything was delivered or skipped. */
  get latestReplayId(): Buffer {
    return this.lastReplayId ?? encodeReplayId(this.reached);
  }

  /** The subscription as callers see it. */
  snapshot(): SubscriptionSnapshot {
    return {
      topic: this.subscribed?.definition.name ?? '',
      pending: this.outstanding,
      delivered: this.delivered,
      requested: this.requested,
      maxPending: this.maxPending,
      keepalives: this.keepalives,
    };
  }

  /**
   * Takes a request for more events. Requests add up to at most 100 outstanding events. The first one names the topic
   * and where to start; a later one may repeat the topic but not change it, and its replay fields are ignored.
   */
  request(request: WireFetchRequest): Refusal | undefined {
    if (request.numRequested <= 0) {
      return {
        reason: 'requested-events-invalid',
        message: 'The number of events requested in FetchRequest must be greater than zero.',
      };
    }
    const refusal =
      this.subscribed === undefined ? this.begin(request) : checkTopic(this.subscribed, request.topicName);
    if (refusal === undefined) {
      this.requested += request.numRequested;
      this.outstanding = Math.min(MOST_OUTSTANDING, this.outstanding + request.numRequested);
      this.maxPending = Math.max(this.maxPending, this.outstanding);
    }
    return refusal;
  }

  /** The next events within demand, or `undefined` when there is nothing to deliver. */
  take(): Batch | undefined {
    if (this.subscribed === undefined || this.outstanding === 0) return undefined;
    const most = this.most();
    const again = this.again.splice(0, most);
    const events = again.length > 0 ? again : this.bus.eventsAfter(this.subscribed, this.reached, most);
    const last = events.at(-1);
    if (last === undefined) return undefined;
    this.reached = Math.max(this.reached, last.position);
    this.outstanding -= events.length;
    this.delivered += events.length;
    this.lastReplayId = last.replayId;
    return { events, latestReplayId: last.replayId, pending: this.outstanding };
  }

  /** Whether there are events to deliver, but fewer than the next response can carry. */
  get isPartlyFilled(): boolean {
    const most = this.most();
    const fresh = this.subscribed === undefined ? [] : this.bus.eventsAfter(this.subscribed, this.reached, most);
    const ready = this.again.length + fresh.length;
    return ready > 0 && ready < most;
  }

  /** Delivers the last events again, at most `count`, before it continues. Returns their number. */
  redeliver(count: number): number {
    const delivered = this.subscribed?.events.upTo(this.reached, count) ?? [];
    const again = delivered.filter(({ position }) => position > this.start);
    this.again.push(...again);
    return again.length;
  }

  /** An empty response with a new position, for a subscriber that has received all events. */
  keepalive(): Batch {
    this.keepalives++;
    this.reached = this.bus.mark();
    this.lastReplayId = encodeReplayId(this.reached);
    return { events: [], latestReplayId: this.lastReplayId, pending: this.outstanding };
  }

  /** Most events that the next response can carry. */
  private most(): number {
    return Math.min(this.outstanding, this.mostPerResponse());
  }

  private begin(request: WireFetchRequest): Refusal | undefined {
    const topic = this.bus.topic(request.topicName);
    if (topic === undefined) return unknownTopic(request.topicName);
    const start = this.startOf(topic, request);
    if (typeof start !== 'number') return start;
    this.start = start;
    this.reached = start;
    this.subscribed = topic;
    return undefined;
  }

  /** CUSTOM starts right after the given event, EARLIEST at the start of retention, and anything else at the tip. */
  private startOf(topic: Topic, { replayPreset, replayId }: WireFetchRequest): number | Refusal {
    if (replayPreset === WireReplayPreset.CUSTOM) return this.locate(topic, replayId);
    return replayPreset === WireReplayPreset.EARLIEST ? 0 : this.bus.tip;
  }

  private locate(topic: Topic, replayId: Uint8Array | undefined): number | Refusal {
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
    return this.bus.locate(topic, replayId) ?? invalid;
  }
}

/**
 * The refusal of a topic that has no name or does not exist. The service reports it as one that this user may not see.
 */
export function unknownTopic(name: string): Refusal {
  if (name === '') return { reason: 'topic-blank', message: 'The topic name is blank. Provide the name of a topic.' };
  return {
    reason: 'topic-unknown',
    message: `The topic "${name}" does not exist, or the user does not have access to it. Topic names are case-sensitive.`,
  };
}

function checkTopic(topic: Topic, name: string): Refusal | undefined {
  if (name === '' || name === topic.definition.name) return undefined;
  return {
    reason: 'topic-mismatch',
    message: `The topic of a subscription cannot change: it is "${topic.definition.name}", the request says "${name}".`,
  };
}
