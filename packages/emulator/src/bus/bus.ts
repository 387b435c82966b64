import type { Random } from '../model/random.js';
import { encodeEvent, type EventHeader } from '../wire/fetch-response.js';
import { LateEvent } from './late-event.js';
import { OrderedLog, type Positioned } from './ordered-log.js';
import { decodeReplayId, encodeReplayId, replayIdKey } from './replay-id.js';
import { type BusEvent, Topic, type TopicDefinition } from './topic.js';

/** The parts and settings that a bus needs. */
export interface BusOptions {
  /** How long events can be replayed, in milliseconds. */
  readonly retentionMs: number;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Chooses where positions start and where holes are. */
  readonly random: Random;
  /**
   * The alteration of the payload of the next event, which goes to these topics, in each of its versions.
   *
   * @defaultValue Nothing.
   */
  readonly nextAlteration?: (topics: readonly Topic[]) => PayloadAlteration | undefined;
}

/** Makes another payload from one. */
export type PayloadAlteration = (payload: Uint8Array) => Uint8Array;

/** An event to put on the bus. */
export interface NewEvent {
  readonly id: string;
  readonly schemaId: string;
  readonly payload: Uint8Array;
  /** The original replay id of a recorded event; otherwise the bus makes one. */
  readonly replayId?: Uint8Array;
  /** The headers from its publisher; none by default. */
  readonly headers?: readonly EventHeader[];
}

/** The version of an event on one topic, where it differs from other topics: one or more events in its place. */
export interface EventVersion {
  readonly topic: Topic;
  /** At least one event. They share the replay id. */
  readonly events: readonly NewLateEvent[];
}

/** An event whose payload is made again at each delivery. */
export interface NewLateEvent {
  readonly id: string;
  readonly schemaId: string;
  readonly payload: () => Uint8Array;
}

/** Positions start between this and twice as much, as on an org that has been used for a while. */
const FIRST_POSITION = 10_000_000;
/**
 * The probability that the next position does not directly follow the last one. The positions between belong to other
 * traffic of the service.
 */
const HOLE_PROBABILITY = 0.2;
const LARGEST_HOLE = 8;

/**
 * The event bus of an org: every event gets the next position, whatever its topic, so the replay ids of one topic have
 * holes. Old positions are forgotten.
 */
export class Bus {
  private readonly topics = new Map<string, Topic>();
  /** Every position that was issued and is not yet forgotten: of events, and of moments without an event. */
  private readonly positions = new OrderedLog<Positioned>();
  /** Positions of events with their own replay id. */
  private readonly foreignPositions = new Map<string, number>();
  private newest: number;
  private appendedCount = 0;

  constructor(private readonly options: BusOptions) {
    this.newest = FIRST_POSITION + options.random.below(FIRST_POSITION);
    this.mark();
  }

  /** How many events have been put on the bus. */
  get appended(): number {
    return this.appendedCount;
  }

  /** The newest position. */
  get tip(): number {
    return this.newest;
  }

  /** Creates a topic, or returns the existing one. */
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

  /** Removes a topic, and ends the streams that wait for its events. */
  removeTopic(topic: Topic): void {
    this.topics.delete(topic.definition.name);
    topic.remove();
  }

  /**
   * Puts an event on some topics, under one position.
   *
   * @param versions - The versions of the event on other topics, under the same position.
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
   * Issues a position without an event, as the service does from time to time on a quiet topic. A client that stores it
   * has a new position, which stays valid for another retention period.
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

  /** How many events of a topic are retained, and the first of them. */
  retained(topic: Topic): { readonly count: number; readonly first: BusEvent | undefined } {
    const [first] = this.eventsAfter(topic, 0, 1);
    return { count: topic.events.length, first };
  }

  /** Forgets all events and positions so far, of one topic or of all, as if they were past retention. */
  expire(topic?: Topic): void {
    for (const each of topic === undefined ? this.topics.values() : [topic]) {
      each.expire(this.newest);
    }
    if (topic === undefined) this.positions.drop(this.newest);
  }

  /** Forgets all events and positions so far, and continues at a distant position, as a new bus would. */
  reset(): void {
    this.expire();
    this.foreignPositions.clear();
    // The new start is beyond all old positions: an old position must never be valid in the new series by chance.
    this.newest += FIRST_POSITION + this.options.random.below(FIRST_POSITION);
    this.mark();
  }

  /** The position of a replay id on a topic; `undefined` where it was never issued or is past retention. */
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
