import { Subscription, type SchedulerLike } from 'rxjs';
import { StuckDeliveryError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { OpenPosition, Watermark } from '../delivery/watermark.js';
import { monotonicNow } from '../model/monotonic.js';

/** When an unsettled event counts as stuck. */
export interface StuckOptions {
  /** How long the watermark may stand before one event, in milliseconds. */
  readonly stuckAfterMs: number;
  /** How many events may be received after it. */
  readonly stuckAfterEvents: number;
}

/** An event that the watermark stands before. */
export interface CommitGap {
  /** The event's replay id. */
  readonly replayId: ReplayId;
  /** How long the watermark has stood there, in milliseconds. */
  readonly ageMs: number;
  /** Events received after it. They come again after a restart, settled or not. */
  readonly eventsBehind: number;
}

/** What a watch reports. */
export interface StuckListener {
  /** The watermark has not moved for a while. Called again as long as it stands. */
  gap(gap: CommitGap): void;
  /** It has stood for too long. */
  stuck(error: StuckDeliveryError): void;
}

/** Longest time until a standing watermark is reported, in milliseconds. */
const TELL_AFTER_MS = 60_000;

/**
 * Checks whether the watermark moves while events are open. The age of events does not count, as many may wait their
 * turn.
 */
export class StuckWatch {
  private timer = Subscription.EMPTY;
  private running = false;
  private stopped = false;
  private settled = 0;
  private movedAt = 0;
  /** The event that was last reported because many events came after it. */
  private toldOf: OpenPosition | undefined;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly options: StuckOptions,
    private readonly watermark: Watermark,
    private readonly listener: StuckListener,
  ) {}

  /** Call this when events came. */
  received(): void {
    const oldest = this.watermark.oldestOpen;
    if (oldest === undefined) return;
    if (!this.running) this.start();
    // What comes after all was settled has stood for no longer than this.
    else if (this.hasMoved) this.moved();
    const gap = this.gapAt(oldest);
    const { stuckAfterEvents } = this.options;
    if (gap.eventsBehind * 2 > stuckAfterEvents && this.toldOf !== oldest) {
      this.toldOf = oldest;
      this.listener.gap(gap);
    }
    // The listener may have stopped it.
    if (!this.stopped && gap.eventsBehind > stuckAfterEvents) this.give(gap);
  }

  stop(): void {
    this.stopped = true;
    this.timer.unsubscribe();
  }

  private start(): void {
    this.running = true;
    this.moved();
    this.lookLater();
  }

  private get hasMoved(): boolean {
    return this.watermark.settled !== this.settled;
  }

  private moved(): void {
    this.settled = this.watermark.settled;
    this.movedAt = monotonicNow(this.scheduler);
  }

  /** The time between two reports, and until the first one. */
  private get everyMs(): number {
    return Math.min(TELL_AFTER_MS, Math.ceil(this.options.stuckAfterMs / 2));
  }

  private lookLater(): void {
    const { everyMs } = this;
    this.timer = this.scheduler.schedule(() => this.look(), everyMs - (this.ageMs % everyMs));
  }

  private look(): void {
    const oldest = this.watermark.oldestOpen;
    if (oldest === undefined) {
      this.running = false;
      return;
    }
    // An event that is only kept until others come, as `pairwise` keeps the last one, waits for no work.
    if (this.hasMoved || oldest.isKept === true) {
      this.moved();
    } else {
      const gap = this.gapAt(oldest);
      if (gap.ageMs >= this.options.stuckAfterMs) {
        this.give(gap);
        return;
      }
      if (gap.ageMs >= this.everyMs) this.listener.gap(gap);
    }
    // The listener may have stopped it.
    if (!this.stopped) this.lookLater();
  }

  private give(gap: CommitGap): void {
    this.stop();
    this.listener.stuck(stuckDelivery(gap));
  }

  /** How long the watermark is known to have stood. */
  private get ageMs(): number {
    return Math.max(0, Math.round(monotonicNow(this.scheduler) - this.movedAt));
  }

  private gapAt({ index, replayId }: OpenPosition): CommitGap {
    return {
      replayId: replayId ?? ReplayId.fromBytes(new Uint8Array()),
      ageMs: this.ageMs,
      eventsBehind: this.watermark.received - index - 1,
    };
  }
}

function stuckDelivery({ replayId, ageMs, eventsBehind }: CommitGap): StuckDeliveryError {
  return new StuckDeliveryError(
    `The event at replay id ${replayId.toString()} has not been settled for ${Math.round(ageMs / 1000)} s, and ` +
      `${eventsBehind} events came after it, which would all come again after a crash. Look for work that never ends: a ` +
      'request without a timeout, a promise that nobody resolves, a hold that nobody releases. Where the work may take ' +
      'that long, raise stuckAfterMs or stuckAfterEvents.',
    { replayId: replayId.toString() },
  );
}
