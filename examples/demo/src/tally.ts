import type { ChangeEvent, Status } from '@rxforce/core';

/** Counts events by their own ids, so that one that comes twice is seen. */
class EventCount {
  readonly #ids = new Set<string>();
  #all = 0;

  add(eventId: string): void {
    this.#all++;
    this.#ids.add(eventId);
  }

  /** How many different events. */
  get events(): number {
    return this.#ids.size;
  }

  /** How often an event came again. */
  get repeated(): number {
    return this.#all - this.#ids.size;
  }
}

/** What the demo notes down about one topic. It only counts: no event depends on it. */
export class Tally {
  readonly delivered = new EventCount();
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

  readonly #topic: string;

  /** @param entity - Object whose changes are counted. */
  constructor(entity: string) {
    this.#topic = `/data/${entity}ChangeEvent`;
  }

  /** Delivered and not settled. What the filters drop is settled at once, so it is what `handle` has taken on. */
  get inFlight(): number {
    return this.matched.events - this.handled.events;
  }

  /** An event came. */
  deliver({ id }: ChangeEvent): void {
    this.delivered.add(id);
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
    if (status.topic !== this.#topic || !('window' in status)) return;
    this.outstanding = status.outstanding;
    this.window = status.window;
    this.mostUnsettled = Math.max(this.mostUnsettled, status.unsettled);
    if (status.type === 'pressure') this.timesFull++;
  }
}
