import { OrderedLog, type Positioned } from './ordered-log.js';

/**
 * An event on the bus. Events that share a replay id have fractional positions, which lead up to the position of the
 * replay id. So a stream can continue between two of them, and a client with the replay id starts after them all.
 */
export interface BusEvent extends Positioned {
  /** The event's own id. */
  readonly id: string;
  /** The schema its payload was written with. */
  readonly schemaId: string;
  /** Avro bytes. */
  readonly payload: Buffer;
  /** Its position as clients see it. */
  readonly replayId: Buffer;
  /** The event as bytes of a response, encoded once. */
  readonly frame: Buffer;
}

/** The definition of a topic. */
export interface TopicDefinition {
  /** Its name, such as `/data/AccountChangeEvent`. Names are case-sensitive. */
  readonly name: string;
  /** The schema of its events; empty for a channel that carries events of several schemas. */
  readonly schemaId: string;
  /** Whether clients may publish to it, which is so only for platform events. */
  readonly canPublish: boolean;
}

/** A topic: its definition, its retained events, and its listeners. */
export class Topic {
  readonly events = new OrderedLog<BusEvent>();
  private readonly listeners = new Set<() => void>();
  private readonly removalListeners = new Set<() => void>();
  private current: TopicDefinition;
  private expiredUpTo = 0;

  constructor(definition: TopicDefinition) {
    this.current = definition;
  }

  /** The current definition. */
  get definition(): TopicDefinition {
    return this.current;
  }

  /** The expired position: nobody can start on this topic at this position or before it. */
  get expired(): number {
    return this.expiredUpTo;
  }

  /** Gives its events another schema from now on. */
  changeSchema(schemaId: string): void {
    this.current = { ...this.current, schemaId };
  }

  /** Forgets its events up to and including a position, as if they were past retention. */
  expire(position: number): void {
    this.expiredUpTo = position;
    this.events.drop(position);
  }

  /** Calls `listener` whenever events were added, until the returned function is called. */
  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls `listener` when the topic is removed, unless the returned function was called before. */
  onRemove(listener: () => void): () => void {
    this.removalListeners.add(listener);
    return () => this.removalListeners.delete(listener);
  }

  /** Notifies the listeners that the topic is removed. */
  remove(): void {
    for (const listener of this.removalListeners) {
      listener();
    }
  }

  /** Adds an event and notifies the listeners. */
  append(event: BusEvent): void {
    this.events.push(event);
    for (const listener of this.listeners) {
      listener();
    }
  }
}
