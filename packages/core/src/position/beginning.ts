import type { Observable } from 'rxjs';
import type { Watermark } from '../delivery/watermark.js';
import { ReplayId } from '../model/replay-id.js';
import type { StreamPosition } from '../ports/replay-store.js';

/** What a beginning reports to its place, and asks of it. */
export interface BeginningListener {
  /** The first event at or after the start came. From here on nothing is passed over. */
  arrived(): void;
  /** Makes a time durable, and completes once it is. */
  save(time: Date): Observable<unknown>;
}

/**
 * Where the streams of a subscription begin, if the client keeps its position: at the tip, at the earliest event, after
 * a replay id, or at a time. A stream cannot start at a time. It starts earlier, and events are passed over.
 */
export class Beginning {
  private preset: 'latest' | 'earliest' = 'latest';
  /** Whether the stream began at the tip, and no position was saved since. */
  private atTip = false;
  /** Events before this time, in epoch milliseconds, are passed over. */
  private skipUntil: number | undefined;
  /** The time of the first event after the tip. The stream starts there again while nothing is settled. */
  private anchor: Date | undefined;

  /** @param isStored - Whether positions are durable. */
  constructor(
    private readonly watermark: Watermark,
    private readonly isStored: boolean,
    private readonly listener: BeginningListener,
  ) {}

  /** Begins here. */
  startAt(start: StreamPosition | 'latest' | 'earliest'): void {
    if (start instanceof ReplayId) {
      this.watermark.restart(start);
    } else if (start instanceof Date) {
      this.preset = 'earliest';
      this.skipUntil = start.getTime();
      this.anchor = start;
    } else {
      this.preset = start;
      this.atTip = start === 'latest';
    }
  }

  /** Where the next stream starts. */
  from(): ReplayId | 'latest' | 'earliest' {
    const { resumesAfter, lastReceived } = this.watermark;
    // From the earliest event on, the events that share the first replay id come again. Before the tip there is no
    // position to start at.
    return resumesAfter ?? (this.preset === 'earliest' ? 'earliest' : (lastReceived ?? 'latest'));
  }

  /**
   * Where a subscription that follows this one starts; `undefined` while nothing is known.
   *
   * @param reached - The position up to which everything is settled.
   */
  following(reached: ReplayId | undefined): StreamPosition | undefined {
    return this.isSkipping ? this.anchor : (reached ?? this.anchor);
  }

  /** The time that it begins at. Where none is known, the beginning of time. */
  get time(): Date {
    return this.anchor ?? new Date(0);
  }

  /** Begins at this preset, as the service does not know the position. */
  reset(preset: 'latest' | 'earliest'): void {
    this.watermark.restart(undefined);
    // A subscription that follows this one starts there, too. The beginning of time is before the earliest event.
    this.anchor = preset === 'earliest' ? new Date(0) : undefined;
    this.preset = preset;
    this.atTip = preset === 'latest';
  }

  /** A position is durable. A subscription that follows this one starts there, and not at a newer tip. */
  leaveTip(): void {
    this.atTip = false;
  }

  /**
   * Whether the stream began at the tip, and one that follows it would start at a newer tip: no position before the
   * next event is known or, where there is a store, durable.
   */
  get isAdrift(): boolean {
    return this.atTip && (this.isStored || this.watermark.lastReceived === undefined);
  }

  /**
   * Keeps the time of the first event after the tip. The time is durable when this completes, so neither `retry()` nor
   * a crash leads to a start at a newer tip.
   */
  anchorAt(time: Date): Observable<unknown> {
    this.anchor = time;
    return this.listener.save(time);
  }

  /** Whether events are being passed over. */
  get isSkipping(): boolean {
    return this.skipUntil !== undefined;
  }

  /**
   * Whether an event of this time, in epoch milliseconds, is before the start. After the first event that is not, no
   * more are checked. An event whose time cannot be read is not passed over, and does not end the check.
   */
  skips(timeOf: () => number | undefined): boolean {
    if (this.skipUntil === undefined) return false;
    const time = timeOf();
    if (time === undefined) return false;
    if (time < this.skipUntil) return true;
    this.skipUntil = undefined;
    this.listener.arrived();
    return false;
  }
}
