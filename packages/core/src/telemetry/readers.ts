import type { DemandFigures } from '../ports/status.js';
import type { AttributeSet } from './attribute-set.js';
import { ATTRIBUTES, SUBSCRIPTION_STATES } from './instruments.js';
import type { MetricSink } from './metric-sink.js';

type State = (typeof SUBSCRIPTION_STATES)[number];

const PARTS = ['outstanding', 'unsettled', 'uncommitted'] as const;
const POLICIES = ['earliest', 'latest', 'committed'];

/** A subscription that is not over. */
interface Reader {
  state: State;
  figures: DemandFigures | undefined;
  /** What ended the stream before the next one. */
  error: string | undefined;
  hasLease: boolean | undefined;
  /** How long an unsettled event has held up its position, in seconds. */
  gap: number;
}

/**
 * The subscriptions to one topic with one position, whose gauges are sums. So the end of one does not hide another, and
 * a subscription that is made again and again has no more series than one.
 */
export class Readers {
  private readonly readers = new Map<number, Reader>();

  /** @param of - The attributes of their series. */
  constructor(
    private readonly sink: MetricSink,
    readonly of: AttributeSet,
  ) {}

  /** A subscription comes into a state. */
  enter(subscription: number, state: State): void {
    const reader = this.readers.get(subscription);
    if (reader?.state === state) return;
    if (reader) {
      reader.state = state;
    } else {
      if (this.readers.size === 0) this.begin();
      this.readers.set(subscription, { state, figures: undefined, error: undefined, hasLease: undefined, gap: 0 });
    }
    this.tellStates();
  }

  /** A subscription is over. With a lease, it may come again. */
  leave(subscription: number): void {
    const reader = this.readers.get(subscription);
    if (!this.readers.delete(subscription)) return;
    this.tellStates();
    if (reader?.figures) this.tellWindow();
    if (reader?.hasLease !== undefined) this.tellLease();
    if (reader && reader.gap > 0) this.tellGap();
  }

  /** The window of a subscription has changed. */
  window(subscription: number, figures: DemandFigures): void {
    const reader = this.readers.get(subscription);
    if (!reader) return;
    reader.figures = figures;
    this.tellWindow();
  }

  /** A subscription has the lease, or has it no more. */
  lease(subscription: number, isHeld: boolean): void {
    const reader = this.readers.get(subscription);
    if (!reader) return;
    reader.hasLease = isHeld;
    this.tellLease();
  }

  /** An unsettled event has held up the position of a subscription for so long. */
  gap(subscription: number, seconds: number): void {
    const reader = this.readers.get(subscription);
    if (reader) reader.gap = seconds;
    this.tellGap();
  }

  /** The stream of a subscription broke. */
  broke(subscription: number, error: string): void {
    const reader = this.readers.get(subscription);
    if (reader) reader.error = error;
  }

  /** What ended the stream before. `undefined` for the first one, and where it was parked. */
  takeError(subscription: number): string | undefined {
    const reader = this.readers.get(subscription);
    const error = reader?.error;
    if (reader) reader.error = undefined;
    return error;
  }

  /** Counters begin with 0, because an alert on an increase does not see a series that begins with 1. */
  private begin(): void {
    const { sink, of } = this;
    for (const policy of POLICIES) {
      sink.add('rxforce.replay.resets', 0, of.with(ATTRIBUTES.policy, policy).attributes);
    }
    sink.add('rxforce.pressure', 0, of.attributes);
    sink.add('rxforce.events.undecodable', 0, of.attributes);
  }

  private tellStates(): void {
    for (const state of SUBSCRIPTION_STATES) {
      let count = state === 'closed' && this.readers.size === 0 ? 1 : 0;
      for (const reader of this.readers.values()) if (reader.state === state) count++;
      this.sink.set('rxforce.subscription.state', count, this.of.with(ATTRIBUTES.state, state).attributes);
    }
  }

  private tellWindow(): void {
    let size = 0;
    for (const { figures } of this.readers.values()) size += figures?.window ?? 0;
    this.sink.set('rxforce.window.size', size, this.of.attributes);
    for (const part of PARTS) {
      let used = 0;
      for (const { figures } of this.readers.values()) used += figures?.[part] ?? 0;
      this.sink.set('rxforce.window.used', used, this.of.with(ATTRIBUTES.part, part).attributes);
    }
  }

  /** The longest of all subscriptions: the partitions of a log commit on their own. */
  private tellGap(): void {
    let longest = 0;
    for (const { gap } of this.readers.values()) longest = Math.max(longest, gap);
    this.sink.set('rxforce.commit.gap', longest, this.of.attributes);
  }

  private tellLease(): void {
    let held = 0;
    for (const { hasLease = false } of this.readers.values()) if (hasLease) held = 1;
    this.sink.set('rxforce.lease.held', held, this.of.attributes);
  }
}
