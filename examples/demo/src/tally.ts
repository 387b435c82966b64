import type { ChangeEvent, Status } from '@rxforce/core';
import type { LogEntry } from '@rxforce/emulator';

/** Counts events by their own ids, so that one that comes twice is seen. */
class EventCount {
  private readonly ids = new Set<string>();
  private all = 0;

  add(eventId: string): void {
    this.all++;
    this.ids.add(eventId);
  }

  /** How many different events. */
  get events(): number {
    return this.ids.size;
  }

  /** How often an event came again. */
  get repeated(): number {
    return this.all - this.ids.size;
  }
}

/** What the demo notes down about one topic. It only counts: no event depends on it. */
export class Tally {
  /** All that came, in order. */
  readonly delivered: LogEntry[] = [];
  /** Those that passed the filters. */
  readonly matched = new EventCount();
  readonly handled = new EventCount();
  /** Records whose change was handled. */
  readonly handledRecords = new Set<string>();
  /** Asked of the server, not delivered yet. */
  outstanding = 0;
  window = 0;
  mostUnsettled = 0;
  /** How often the window was full of events in work, so that the server had to wait. */
  timesFull = 0;
  /** How often the client has come back after something broke. */
  reconnects = 0;
  commits = 0;
  /** The last event before the stored position: the next consumer goes on behind it. */
  lastSaved: LogEntry | undefined;

  /** The last event at each position: a position need not be that of an event. */
  private readonly lastAt = new Map<string, LogEntry | undefined>();
  /** The last subscription that was live. */
  private subscription: number | undefined;

  /** @param topic - Its whole name. */
  constructor(readonly topic: string) {}

  /** Delivered and not settled. What the filters drop is settled at once, so it is what `handle` has taken on. */
  get inFlight(): number {
    return this.matched.events - this.handled.events;
  }

  /** An event came. */
  deliver({ id, replayId }: ChangeEvent): void {
    const entry = { id, replayId: replayId.toString() };
    this.delivered.push(entry);
    this.lastAt.set(entry.replayId, entry);
  }

  /** An event passed the filters. */
  match({ id }: ChangeEvent): void {
    this.matched.add(id);
    this.mostUnsettled = Math.max(this.mostUnsettled, this.inFlight);
  }

  /** The work on an event is done. */
  handle({ id, header }: ChangeEvent): void {
    this.handled.add(id);
    header.recordIds.forEach((recordId) => this.handledRecords.add(recordId));
  }

  /** The client told what happened to one of its subscriptions. */
  observe(status: Status): void {
    if (status.topic !== this.topic) return;
    if ('window' in status) {
      this.outstanding = status.outstanding;
      this.window = status.window;
      this.mostUnsettled = Math.max(this.mostUnsettled, status.unsettled);
    }
    if (status.type === 'pressure') this.timesFull++;
    if (status.type === 'live') {
      if (status.subscription === this.subscription) this.reconnects++;
      this.subscription = status.subscription;
    }
    // With nothing in flight, the server's own newest position is saved: it lies behind all that were delivered.
    if (status.type === 'keepalive') this.lastAt.set(status.replayId.toString(), this.delivered.at(-1));
    if (status.type === 'committed') {
      this.commits++;
      this.lastSaved = this.lastAt.get(status.position.toString()) ?? this.lastSaved;
    }
  }
}
