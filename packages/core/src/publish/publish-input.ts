import { randomUUID } from 'node:crypto';
import type { WireEventHeader, WireProducerEvent } from '../ports/wire.js';
import type { ReplayId } from '../model/replay-id.js';

/**
 * The fields of an event to publish. A field that is left out is null. Dates and times take a `Date` or milliseconds
 * since 1970.
 */
export type PublishData<T> = {
  readonly [Field in keyof T]?: T[Field] | (number extends T[Field] ? Date : never) | undefined;
};

/** An event to publish. `T` is its payload: field names to values. */
export interface PublishInput<T = Record<string, unknown>> {
  /**
   * The fields, as plain values. Where they are left out, `CreatedDate` is now, and `CreatedById` is the user who
   * publishes.
   */
  readonly data: PublishData<T>;
  /**
   * Identifies the event. Its result has this id, and subscribers receive it as the event's `id`. Not empty.
   *
   * @defaultValue a random UUID
   */
  readonly id?: string | undefined;
  /**
   * Headers that are sent with the event. Subscribers find them as `event.headers`.
   *
   * @defaultValue none
   */
  readonly headers?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

/**
 * The id of any input: its own, as text, or else another one. An event with an invalid id is not sent, and its result
 * says why.
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
  /** The event's id: the caller's, or the random one. */
  readonly id: string;
  /** Its position on the topic. */
  readonly replayId: ReplayId;
}

/** An event as it is sent. */
export interface OutgoingEvent extends WireProducerEvent {
  readonly headers: readonly WireEventHeader[];
}
