import { randomUUID } from 'node:crypto';
import type { WireProducerEvent } from '../ports/wire.js';
import type { ReplayId } from '../model/replay-id.js';

/**
 * The fields of an event to be published. Those that are left out are null. Dates and times take a `Date` or milliseconds
 * since 1970.
 */
export type PublishData<T> = {
  readonly [Field in keyof T]?: T[Field] | (number extends T[Field] ? Date : never) | undefined;
};

/** An event to be published. `T` is its payload: field names to values. */
export interface PublishInput<T = Record<string, unknown>> {
  /**
   * The fields, as plain values. `CreatedDate` is now, and `CreatedById` the user who publishes, where they are left out.
   */
  readonly data: PublishData<T>;
  /**
   * Tells the event from others: its result has it, and subscribers get it as the event's `id`. Not empty.
   *
   * @defaultValue a random UUID
   */
  readonly id?: string | undefined;
  /**
   * Headers that go with the event, for other subscribers: rxforce does not read them.
   *
   * @defaultValue none
   */
  readonly headers?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

/**
 * The id of an event, whatever it is: its own, as text, or another. An event whose id is none is not sent, and its result says
 * why.
 */
export function idOf(input: unknown, otherwise: string = randomUUID()): string {
  try {
    const { id } = Object(input) as { id?: unknown };
    if (typeof id === 'string') return id;
    return typeof id === 'number' || typeof id === 'bigint' ? String(id) : otherwise;
  } catch {
    return otherwise;
  }
}

/** An event that is on the topic. */
export interface Published {
  /** The whole name of the topic. */
  readonly topic: string;
  /** The event's id, which it was given or got. */
  readonly id: string;
  /** Its position on the topic. */
  readonly replayId: ReplayId;
}

/** What goes with an event, on the wire. */
interface WireEventHeader {
  readonly key: string;
  readonly value: Buffer;
}

/** An event as it is sent. */
export interface OutgoingEvent extends WireProducerEvent {
  readonly headers: readonly WireEventHeader[];
}
