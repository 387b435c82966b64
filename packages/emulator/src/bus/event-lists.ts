import type { Bus } from './bus.js';
import type { BusEvent, Topic } from './topic.js';

/** An event in the log. */
export interface LogEntry {
  /** The event's replay id, in base64. */
  readonly replayId: string;
  /** The event's own id. */
  readonly id: string;
}

/** The list of a topic, as it was made the last time. */
interface Made {
  readonly first: BusEvent | undefined;
  readonly entries: readonly LogEntry[];
}

/**
 * The retained events of topics as lists, which tests ask for at each event of many thousands: an entry is made once,
 * and a list only when events came or went. A list that was handed out does not change.
 */
export class EventLists {
  private readonly entries = new WeakMap<BusEvent, LogEntry>();
  private readonly lists = new WeakMap<Topic, Made>();

  constructor(private readonly bus: Bus) {}

  /** The retained events of a topic, in order. */
  of(topic: Topic): readonly LogEntry[] {
    const { count, first } = this.bus.retained(topic);
    const made = this.lists.get(topic);
    // Events come at the end and go at the start only, so the first of them and their number say which they are.
    if (made?.first === first && made?.entries.length === count) return made.entries;
    const entries = this.bus.events(topic).map((event) => this.entryOf(event));
    this.lists.set(topic, { first, entries });
    return entries;
  }

  private entryOf(event: BusEvent): LogEntry {
    const known = this.entries.get(event);
    if (known !== undefined) return known;
    const entry = { replayId: event.replayId.toString('base64'), id: event.id };
    this.entries.set(event, entry);
    return entry;
  }
}
