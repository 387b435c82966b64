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
