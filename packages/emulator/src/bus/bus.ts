import type { Random } from '../model/random.js';
import { encodeEvent, type EventHeader } from '../wire/fetch-response.js';
import { LateEvent } from './late-event.js';
import { OrderedLog, type Positioned } from './ordered-log.js';
import { decodeReplayId, encodeReplayId, replayIdKey } from './replay-id.js';
import { type BusEvent, Topic, type TopicDefinition } from './topic.js';

/** What a bus needs. */
export interface BusOptions {
  /** How long events can be replayed, in milliseconds. */
  readonly retentionMs: number;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Chooses where positions start and where they have holes. */
  readonly random: Random;
  /**
   * What becomes of the payload of the next event, which goes to these topics, whatever it is there.
   *
   * @defaultValue Nothing.
   */
  readonly nextAlteration?: (topics: readonly Topic[]) => PayloadAlteration | undefined;
}

/** Makes another payload of one. */
export type PayloadAlteration = (payload: Uint8Array) => Uint8Array;

/** An event to be put on the bus. */
export interface NewEvent {
  readonly id: string;
  readonly schemaId: string;
  readonly payload: Uint8Array;
  /** The replay id it came with, for recorded events; otherwise the bus makes one. */
  readonly replayId?: Uint8Array;
  /** What its publisher sends along with it; none by default. */
  readonly headers?: readonly EventHeader[];
}

/** What an event is on one topic, where that is not what it is on others: one or more events in its place. */
export interface EventVersion {
  readonly topic: Topic;
  /** At least one. They share the replay id. */
  readonly events: readonly NewLateEvent[];
}

/** An event whose payload is made when it is delivered, each time anew. */
export interface NewLateEvent {
  readonly id: string;
  readonly schemaId: string;
  readonly payload: () => Uint8Array;
}

/** Positions start somewhere between this and twice as much, as on an org that has been used for a while. */
const FIRST_POSITION = 10_000_000;
/** How often the next position is not the one after the last: those between belong to other traffic of the service. */
const HOLE_PROBABILITY = 0.2;
const LARGEST_HOLE = 8;

/**
 * The event bus of an org: every event gets the next position, whatever its topic, so that one topic's replay ids
 * have holes. Positions are forgotten with age.
 */
export class Bus {
  private readonly topics = new Map<string, Topic>();
  /** Every position given out and not yet forgotten: of events, and of moments without one. */
  private readonly positions = new OrderedLog<Positioned>();
  /** Positions of events that brought their own replay id. */
  private readonly foreignPositions = new Map<string, number>();
  private newest: number;
  private appendedCount = 0;

  constructor(private readonly options: BusOptions) {
    this.newest = FIRST_POSITION + options.random.below(FIRST_POSITION);
    this.mark();
  }

  /** How many events were ever put on the bus. */
  get appended(): number {
    return this.appendedCount;
  }

  /** The newest position. */
  get tip(): number {
    return this.newest;
  }

  /** Makes a topic exist, or gives the one that does. */
  createTopic(definition: TopicDefinition): Topic {
    const topic = this.topics.get(definition.name) ?? new Topic(definition);
    this.topics.set(definition.name, topic);
    return topic;
  }

  /** The topic of that name. */
  topic(name: string): Topic | undefined {
    return this.topics.get(name);
  }

  /** The names of all topics. */
  topicNames(): string[] {
    return [...this.topics.keys()];
  }

  /** Removes a topic, and ends what waits for its events. */
  removeTopic(topic: Topic): void {
    this.topics.delete(topic.definition.name);
    topic.remove();
  }

  /**
   * Puts an event on some topics, under one position.
   *
   * @param versions - What it is on other topics, under the same position.
   */
  append(topics: readonly Topic[], event: NewEvent, versions: readonly EventVersion[] = []): BusEvent {
    const { position, at } = this.advance();
    const replayId = event.replayId === undefined ? encodeReplayId(position) : Buffer.from(event.replayId);
    if (event.replayId !== undefined) this.foreignPositions.set(replayIdKey(replayId), position);
    const alter = this.options.nextAlteration?.([...topics, ...versions.map(({ topic }) => topic)]) ?? unaltered;
    const { id, schemaId, headers } = event;
    const encoded = encodeEvent({ id, schemaId, payload: alter(event.payload), replayId, headers });
    const entry: BusEvent = { position, at, id, schemaId, replayId, ...encoded };
    this.appendedCount++;
    for (const topic of topics) {
      this.appendTo(topic, entry);
    }
    for (const { topic, events } of versions) {
      events.forEach((late, index) => {
        const payload = () => alter(late.payload());
        const place = { position: position - 1 + (index + 1) / events.length, at, replayId };
        this.appendTo(topic, new LateEvent({ ...late, ...place, payload }));
      });
    }
    return entry;
  }

  /**
   * Gives out a position without an event, as the service does from time to time on a quiet topic: whoever stores it
   * has a position that is new, and so stays valid for another retention period.
   */
  mark(): number {
    return this.advance().position;
  }

  /** Up to `most` retained events of a topic after a position. */
  eventsAfter(topic: Topic, position: number, most: number): BusEvent[] {
    topic.events.trim(this.oldest());
    return topic.events.after(position, most);
  }

  /** All retained events of a topic. */
  events(topic: Topic): BusEvent[] {
    return this.eventsAfter(topic, 0, Infinity);
  }

  /** Forgets all events and positions so far, of one topic or of all, as if they were past retention. */
  expire(topic?: Topic): void {
    for (const each of topic === undefined ? this.topics.values() : [topic]) {
      each.expire(this.newest);
    }
    if (topic === undefined) this.positions.drop(this.newest);
  }

  /** Forgets all events and positions so far, and goes on far from them, as a new bus would. */
  reset(): void {
    this.expire();
    this.foreignPositions.clear();
    // Not from anywhere: an old position must never be a valid one of the new series by chance.
    this.newest += FIRST_POSITION + this.options.random.below(FIRST_POSITION);
    this.mark();
  }

  /** Where on a topic a replay id is, or `undefined` where it was never given out or is past retention. */
  locate(topic: Topic, replayId: Uint8Array): number | undefined {
    const position = this.foreignPositions.get(replayIdKey(replayId)) ?? decodeReplayId(replayId);
    if (position === undefined) return undefined;
    this.positions.trim(this.oldest());
    return position > topic.expired && this.positions.has(position) ? position : undefined;
  }

  private appendTo(topic: Topic, entry: BusEvent): void {
    topic.events.trim(this.oldest());
    topic.append(entry);
  }

  private advance(): Positioned {
    const { random, now } = this.options;
    this.newest += random.chance(HOLE_PROBABILITY) ? 2 + random.below(LARGEST_HOLE - 1) : 1;
    const entry = { position: this.newest, at: now() };
    this.positions.trim(this.oldest());
    this.positions.push(entry);
    return entry;
  }

  private oldest(): number {
    return this.options.now() - this.options.retentionMs;
  }
}

function unaltered(payload: Uint8Array): Uint8Array {
  return payload;
}
