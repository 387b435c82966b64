import type { DeadLetterQueue } from '@rxforce/dead-letters';
import {
  asyncScheduler,
  defer,
  finalize,
  lastValueFrom,
  tap,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
} from 'rxjs';
import type { SinkEvent } from '../sinks/sink.js';
import { withPut } from './with-put.js';

/** The next try of what is worked on now. */
const NOW = -Infinity;
/**
 * How long after its wait an event that is not tried counts as given up, in milliseconds: those of a lost lease are not
 * tried again.
 */
const LATE_MS = 1_000;

/**
 * The events of one topic that its sink was given and has not taken: when each is tried again. Events that wait behind
 * them, for the same record, for a free place or for the other half of a batch, are not among them: these start as soon
 * as they may.
 */
export class WorkInHand {
  /** When each is tried, in epoch milliseconds. One event may come for several partitions, so ids do not tell apart. */
  private readonly tries = new Map<unknown, number>();
  private lastFailed: readonly SinkEvent[] = [];

  constructor(private readonly scheduler: Pick<SchedulerLike, 'now'> = asyncScheduler) {}

  /** An attempt at events. However it ends, also by unsubscription, they are not worked on any more. */
  attempt<T>(events: readonly SinkEvent[], work: Observable<T>): Observable<T> {
    return defer(() => {
      this.began(events);
      const done = () => this.done(events);
      return work.pipe(tap({ complete: done, error: () => this.failed(events), unsubscribe: done }));
    });
  }

  /** An attempt at events begins. */
  began(events: readonly SinkEvent[]): void {
    events.forEach((event) => this.tries.set(event, NOW));
  }

  /** An attempt at events has failed. They are in hand again once they wait, are tried again in parts, or put aside. */
  failed(events: readonly SinkEvent[]): void {
    this.done(events);
    this.lastFailed = events;
  }

  /** What has just failed is tried again after a wait, in milliseconds. Returns the wait. */
  waits(ms: number): number {
    this.lastFailed.forEach((event) => this.tries.set(event, this.scheduler.now() + ms));
    this.lastFailed = [];
    return ms;
  }

  /** Events are written, or their attempt is broken off. */
  done(events: readonly SinkEvent[]): void {
    events.forEach((event) => this.tries.delete(event));
  }

  /** The same queue. What is put aside is in hand until the queue has it. */
  puttingAside(queue: DeadLetterQueue): DeadLetterQueue {
    return withPut(queue, (letters) => lastValueFrom(this.before(() => queue.put(letters))));
  }

  /** The same work for events that have not come to the sink yet, such as a request for their records. */
  before<T>(work: () => ObservableInput<T>): Observable<T> {
    return defer(() => {
      const key = {};
      this.tries.set(key, NOW);
      return defer(work).pipe(finalize(() => this.tries.delete(key)));
    });
  }

  /** Whether an event is worked on, or is tried again. */
  has(event: SinkEvent): boolean {
    const at = this.tries.get(event);
    return at !== undefined && !this.isGivenUp(at);
  }

  /** Whether there is nothing. */
  get isEmpty(): boolean {
    this.forgetGivenUp();
    return this.tries.size === 0;
  }

  /** Whether nothing in hand is worked on now, or tried before a time, in epoch milliseconds. */
  restsUntil(time: number): boolean {
    this.forgetGivenUp();
    return [...this.tries.values()].every((at) => at > time);
  }

  private forgetGivenUp(): void {
    for (const [key, at] of this.tries) if (this.isGivenUp(at)) this.tries.delete(key);
  }

  private isGivenUp(at: number): boolean {
    return at !== NOW && at < this.scheduler.now() - LATE_MS;
  }
}
