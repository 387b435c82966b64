import type { Observable } from 'rxjs';
import type { Watermark } from '../delivery/watermark.js';
import { ReplayId } from '../model/replay-id.js';
import type { StreamPosition } from '../ports/replay-store.js';

/** What a beginning asks of the place that it is of. */
export interface BeginningListener {
  /** The first event that is not before the start came: from here on nothing is passed over. */
  arrived(): void;
  /** Makes a time durable: completes once it is. */
  save(time: Date): Observable<unknown>;
}

/**
 * Where the streams of a subscription begin, whose position the client keeps: at the tip, at the earliest event, after a replay
 * id, or at a time. A stream has no times to start at: it starts earlier, and events are passed over.
 */
export class Beginning {
  private preset: 'latest' | 'earliest' = 'latest';
  /** Whether the stream began at the tip, and no position was saved since. */
  private atTip = false;
  /** Events before this time, in epoch milliseconds, are passed over. */
  private skipUntil: number | undefined;
  /** The time of the first event after the tip: where it starts again while nothing is settled. */
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
    // From the earliest event on, those that share the first replay id come again; before the tip there is nowhere to start.
    return resumesAfter ?? (this.preset === 'earliest' ? 'earliest' : (lastReceived ?? 'latest'));
  }

  /**
   * Where a subscription that follows this one starts; `undefined` while nothing is known.
   *
   * @param reached - Up to where everything is settled.
   */
  following(reached: ReplayId | undefined): StreamPosition | undefined {
    return this.isSkipping ? this.anchor : (reached ?? this.anchor);
  }

  /** The time that it begins at; the beginning of time, where none is known. */
  get time(): Date {
    return this.anchor ?? new Date(0);
  }

  /** The service does not know the position: begins at this preset. */
  reset(preset: 'latest' | 'earliest'): void {
    this.watermark.restart(undefined);
    // A subscription that follows this one starts there, too: the beginning of time is before the earliest event.
    this.anchor = preset === 'earliest' ? new Date(0) : undefined;
    this.preset = preset;
    this.atTip = preset === 'latest';
  }

  /** A position is durable: a subscription that follows this one starts there, and not at a newer tip. */
  leaveTip(): void {
    this.atTip = false;
  }

  /**
   * Whether the stream began at the tip, and one that follows it would start at a newer tip: no position before the next
   * event is known or, where there is a store, durable.
   */
  get isAdrift(): boolean {
    return this.atTip && (this.isStored || this.watermark.lastReceived === undefined);
  }

  /**
   * Takes note of the time of the first event after the tip: it is durable when this completes, so that neither `retry()`
   * nor a crash starts at a newer tip.
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
   * Whether an event of this time, in epoch milliseconds, is before the start. The first that is not ends the question. An
   * event whose time cannot be read is not passed over, and says nothing of those after it.
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
