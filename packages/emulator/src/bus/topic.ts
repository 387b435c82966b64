import { OrderedLog, type Positioned } from './ordered-log.js';

/**
 * An event on the bus. Those that share a replay id have fractions as positions, which lead up to the one that the replay
 * id names: a stream goes on between two of them, and a client with the replay id starts after them all.
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

/** What a topic is. */
export interface TopicDefinition {
  /** Its name, such as `/data/AccountChangeEvent`. Names are case-sensitive. */
  readonly name: string;
  /** The schema of its events; empty for a channel that carries events of several. */
  readonly schemaId: string;
  /** Whether clients may publish to it: platform events only. */
  readonly canPublish: boolean;
}

/** A topic: its definition, its retained events, and those who wait for more. */
export class Topic {
  readonly events = new OrderedLog<BusEvent>();
  private readonly listeners = new Set<() => void>();
  private readonly removalListeners = new Set<() => void>();
  private current: TopicDefinition;
  private expiredUpTo = 0;

  constructor(definition: TopicDefinition) {
    this.current = definition;
  }

  /** What it is at the moment. */
  get definition(): TopicDefinition {
    return this.current;
  }

  /** Nobody can start on this topic at this position or before it any more. */
  get expired(): number {
    return this.expiredUpTo;
  }

  /** From now on its events have another schema. */
  changeSchema(schemaId: string): void {
    this.current = { ...this.current, schemaId };
  }

  /** Forgets its events up to and with a position, as if they were past retention. */
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

  /** Tells those who wait that nothing more comes. */
  remove(): void {
    for (const listener of this.removalListeners) {
      listener();
    }
  }

  /** Adds an event and tells those who wait. */
  append(event: BusEvent): void {
    this.events.push(event);
    for (const listener of this.listeners) {
      listener();
    }
  }
}
