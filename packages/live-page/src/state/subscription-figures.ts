import type { StreamPosition, SubscriptionPhase, SubscriptionState, SubscriptionStatus } from '@rxforce/core';
import { LagTrend } from './lag-trend.js';
import type { LiveSubscription, LiveWindow } from './live-reading.js';
import { Rate } from './rate.js';

/** The states in which a lag of 0 says that nothing is behind: in the others, nobody knows what has happened since. */
const KNOWS_LAG: readonly SubscriptionPhase[] = ['live', 'parked', 'connected'];

/** The states that follow each other while it tries to read. */
const TRIES: readonly SubscriptionPhase[] = ['waiting', 'connecting'];

/** What is worked out of the statuses of one subscription, and of its states when somebody looks. */
export class SubscriptionFigures {
  private readonly received = new Rate();
  private readonly settled = new Rate();
  private readonly trend = new LagTrend();
  /** The unsettled events at the last reading. `undefined` before the first, and after an end. */
  private unsettled: number | undefined;
  private nextTryAt: number | undefined;
  /** Why the last attempt has failed. While the next one is made, its state does not say it. */
  private failure: string | undefined;
  private role: 'active' | 'standby' | undefined;

  /** Whether it is one of several that a lease lets read. It is not over then when a reading is. */
  get hasLease(): boolean {
    return this.role !== undefined;
  }

  /** A status, at this time in epoch milliseconds. */
  next(status: SubscriptionStatus, now: number): void {
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- Others change no figure.
    switch (status.type) {
      case 'received':
        this.received.add(now, status.events);
        return this.count(now, status.events, status.unsettled);
      case 'requested':
      case 'pressure':
        return this.count(now, 0, status.unsettled);
      case 'waiting':
        this.nextTryAt = now + status.delayMs;
        this.failure = status.cause?.message;
        return;
      case 'connecting':
        this.nextTryAt = undefined;
        return;
      case 'connected':
      case 'live':
        this.nextTryAt = this.failure = undefined;
        return;
      case 'acquired':
        this.role = 'active';
        return;
      case 'standby':
      case 'lost':
        this.role = 'standby';
        return;
      case 'closed':
        // What was not settled comes again, and was never done here.
        this.unsettled = undefined;
        return;
    }
  }

  /** The subscription as it is now. */
  read(state: SubscriptionState, now: number): Omit<LiveSubscription, 'key' | 'org' | 'heldUpBy'> {
    const { topic, name = null, since, troubleSince, cause, window, lastCommit, start, lastResponseAt = null } = state;
    if (window) this.count(now, 0, window.unsettled);
    const lagMs = KNOWS_LAG.includes(state.state) ? state.lagMs : undefined;
    this.trend.add(now, lagMs);
    return {
      ...{ topic, name, since, state: state.state, lastResponseAt },
      troubleSince: TRIES.includes(state.state) ? (troubleSince ?? null) : null,
      reason: cause?.message ?? (state.state === 'connecting' ? this.failure : undefined) ?? null,
      nextTryAt: state.state === 'waiting' ? (this.nextTryAt ?? null) : null,
      receivedPerSecond: rounded(this.received.perSecond(now)),
      settledPerSecond: rounded(this.settled.perSecond(now)),
      history: { received: this.received.history(now), settled: this.settled.history(now) },
      window: window ? windowOf(window) : null,
      lagMs: lagMs === undefined ? null : Math.round(lagMs),
      clearsInMs: this.trend.clearsInMs ?? null,
      lastCommitAt: lastCommit?.at ?? null,
      position: placeOf(lastCommit?.position ?? start?.from),
      role: this.role ?? null,
    };
  }

  /** What came and is not there any more is settled. */
  private count(now: number, came: number, unsettled: number): void {
    const done = this.unsettled === undefined ? came - unsettled : this.unsettled + came - unsettled;
    this.settled.add(now, Math.max(0, done));
    this.unsettled = unsettled;
  }
}

function windowOf({
  outstanding,
  unsettled,
  uncommitted,
  window,
}: NonNullable<SubscriptionState['window']>): LiveWindow {
  const free = Math.max(0, window - outstanding - unsettled - uncommitted);
  return { outstanding, unsettled, uncommitted, free, size: window };
}

/** Where a subscription would continue: `null` where it began at no place of its own, and has saved none. */
function placeOf(place: StreamPosition | 'earliest' | 'latest' | 'committed' | undefined): string | null {
  return place === undefined || typeof place === 'string' ? null : textOf(place);
}

/** The text of a position: a replay id, or a time. */
export function textOf(position: StreamPosition): string {
  return position instanceof Date ? position.toISOString() : position.toString();
}

function rounded(rate: number): number {
  return Math.round(rate * 10) / 10;
}
