import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { isOutage, isRetriable, SinkError, type SinkEvent } from '../sinks/sink.js';
import { SourceError } from '../sinks/source-error.js';

/** How long nothing gets through before one event is taken for the cause, in milliseconds. */
export const LONGEST_DOUBT_MS = 3_600_000;

/** Says what the failures of attempts mean. */
export interface JudgesFailures {
  /** An attempt begins. Returns its mark. */
  began(): number;
  /** Events of an attempt were written. */
  gotThrough(began: number): void;
  /** The error that an attempt has failed with; as an outage, where the event may not be the cause. */
  judge(error: unknown, events: readonly SinkEvent[], began: number): unknown;
}

/**
 * Tells the failures of an event from those of a sink that is broken for all events of a topic. Both may look the
 * same: HTTP 500, no answer in time, an error of a module. A failure is the event's own, if another event got through
 * that was sent after the one before it. Otherwise it counts as an outage: not one event after the other is put aside.
 *
 * Where no other event is tried, nothing can show whose failure it is. So once nothing has got through for an hour, one
 * event is taken for the cause, and after another hour the next one.
 */
export class OwnFailures implements JudgesFailures {
  /** Counts beginnings and failures of attempts, to know what came after what. */
  private count = 0;
  /** When the newest of the attempts had begun that got through. */
  private newest = 0;
  private readonly failed = new WeakMap<SinkEvent, number>();
  /** Since when nothing has got through, in epoch milliseconds. */
  private stuckSince: number | undefined;
  private suspect: SinkEvent | undefined;

  constructor(private readonly scheduler: SchedulerLike = asyncScheduler) {}

  /** An attempt begins. Returns its mark. */
  began(): number {
    return ++this.count;
  }

  /** Events of an attempt were written. */
  gotThrough(began: number): void {
    this.newest = Math.max(this.newest, began);
    this.stuckSince = undefined;
  }

  /** The error that an attempt has failed with; as an outage, where the event may not be the cause. */
  judge(error: unknown, events: readonly SinkEvent[], began: number): unknown {
    const [event, ...others] = events;
    // A batch is tried in parts after its retries. A pipeline may give what is no event.
    if (event === undefined || Object(event) !== event || others.length > 0 || !isRetriable(error) || isOutage(error)) {
      return error;
    }
    return this.isOwn(event, began) ? error : asOutage(error);
  }

  private isOwn(event: SinkEvent, began: number): boolean {
    const last = this.failed.get(event) ?? began;
    this.failed.set(event, this.began());
    return this.newest > last || this.isCause(event);
  }

  private isCause(event: SinkEvent): boolean {
    if (event === this.suspect) return true;
    const now = this.scheduler.now();
    this.stuckSince ??= now;
    if (now - this.stuckSince < LONGEST_DOUBT_MS) return false;
    this.stuckSince = now;
    this.suspect = event;
    return true;
  }
}

/** An error as an outage. What was missing beside the events stays what it is about. */
export function asOutage(cause: unknown): SinkError {
  if (cause instanceof SourceError) return cause.asOutage();
  const { message, retryAfterMs } = Object(cause) as { readonly message?: unknown; readonly retryAfterMs?: unknown };
  return new SinkError(typeof message === 'string' ? message : String(cause), {
    ...{ outage: true, cause },
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
  });
}
