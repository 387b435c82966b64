import { asyncScheduler, defer, finalize, type Observable, type ObservableInput, type SchedulerLike } from 'rxjs';
import type { SinkEvent } from '../sinks/sink.js';

/** The next try of what is worked on now. */
const NOW = -Infinity;

/**
 * The events of one topic that its sink was given and has not taken: when each is tried again. Events that wait behind
 * them, for the same record or for a free place, are not among them: these start as soon as they may.
 */
export class WorkInHand {
  /** When each is tried, in epoch milliseconds. Events are known by their ids. */
  private readonly tries = new Map<unknown, number>();
  private lastFailed: readonly SinkEvent[] = [];

  constructor(private readonly scheduler: Pick<SchedulerLike, 'now'> = asyncScheduler) {}

  /** An attempt at events begins. */
  began(events: readonly SinkEvent[]): void {
    events.forEach((event) => this.tries.set(idOf(event), NOW));
  }

  /** An attempt at events has failed. */
  failed(events: readonly SinkEvent[]): void {
    this.lastFailed = events;
  }

  /** What has just failed is tried again after a wait, in milliseconds. Returns the wait. */
  waits(ms: number): number {
    this.lastFailed.forEach((event) => this.tries.set(idOf(event), this.scheduler.now() + ms));
    this.lastFailed = [];
    return ms;
  }

  /** Events are written or put aside. */
  done(events: readonly SinkEvent[]): void {
    events.forEach((event) => this.tries.delete(idOf(event)));
  }

  /** The same work for events that have not come to the sink yet, such as a request for their records. */
  before<T>(work: () => ObservableInput<T>): Observable<T> {
    return defer(() => {
      const key = {};
      this.tries.set(key, NOW);
      return defer(work).pipe(finalize(() => this.tries.delete(key)));
    });
  }

  /** Whether there is nothing. */
  get isEmpty(): boolean {
    return this.tries.size === 0;
  }

  /** Whether nothing in hand is worked on now, or tried before a time, in epoch milliseconds. */
  restsUntil(time: number): boolean {
    return [...this.tries.values()].every((at) => at > time);
  }
}

/** A pipeline of a user may give what is no event. */
function idOf(event: SinkEvent): unknown {
  return (Object(event) as Partial<SinkEvent>).id;
}
