import { WireReplayPreset, type WireFetchRequest } from '@rxforce/core/codec';
import type { Bus } from '../bus/bus.js';
import { encodeReplayId } from '../bus/replay-id.js';
import type { BusEvent, Topic } from '../bus/topic.js';
import type { Refusal } from '../model/refusal.js';

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
  private subscribed: Topic | undefined;
  /** Where it began. */
  private start = 0;
  /** Everything up to this position was delivered or skipped. */
  private reached = 0;
  /** What the last response said. */
  private lastReplayId: Buffer | undefined;
  /** Delivered already, and to be delivered again before anything else. */
  private readonly again: BusEvent[] = [];
  private outstanding = 0;
  private delivered = 0;
  private requested = 0;
  private maxPending = 0;

  /** @param mostPerResponse - Most events in one response, at the moment. */
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

  /** What a look from outside sees. */
  snapshot(): SubscriptionSnapshot {
    return {
      topic: this.subscribed?.definition.name ?? '',
      pending: this.outstanding,
      delivered: this.delivered,
      requested: this.requested,
      maxPending: this.maxPending,
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

  /** Whether there is something to deliver, but less than the next response can carry. */
  get isPartlyFilled(): boolean {
    const most = this.most();
    const fresh = this.subscribed === undefined ? [] : this.bus.eventsAfter(this.subscribed, this.reached, most);
    const ready = this.again.length + fresh.length;
    return ready > 0 && ready < most;
  }

  /** Delivers the last events again, up to so many, before it goes on. Tells how many that are. */
  redeliver(count: number): number {
    const delivered = this.subscribed?.events.upTo(this.reached, count) ?? [];
    const again = delivered.filter(({ position }) => position > this.start);
    this.again.push(...again);
    return again.length;
  }

  /** An empty response with a fresh position, for a subscriber that was given everything there is. */
  keepalive(): Batch {
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

  /** CUSTOM is right behind the given event, EARLIEST the start of retention, and anything else the tip. */
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

/** The refusal of a topic that has no name, or does not exist: to the service, one that this user may not see. */
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
