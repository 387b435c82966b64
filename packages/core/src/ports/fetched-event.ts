import type { ReplayId } from '../model/replay-id.js';

/** A header that a publisher gave to an event. */
export interface EventHeader {
  readonly key: string;
  /** A view of the message. */
  readonly value: Buffer;
}

/** Of an event without headers, as nearly all are. */
export const NO_HEADERS: readonly EventHeader[] = Object.freeze([]);

/** Headers by their names, each with bytes of its own. Of several with one name, the last counts. */
export function headersByName(headers: readonly EventHeader[]): Readonly<Record<string, Uint8Array>> {
  return Object.fromEntries(headers.map(({ key, value }) => [key, Uint8Array.from(value)]));
}

/** An event as it was received. Its payload stays in the message that brought it, together with others. */
export class FetchedEvent {
  /**
   * @param id - The event's own id; empty where it came without one.
   * @param schemaId - The id of its schema; empty where it came without one.
   * @param replayId - `undefined` where it came without one, as was seen in production once.
   * @param message - The bytes that the payload is in.
   * @param start - Where the payload starts in the message.
   * @param end - Where it ends.
   * @param headers - In the order in which they came.
   */
  constructor(
    readonly id: string,
    readonly schemaId: string,
    readonly replayId: ReplayId | undefined,
    readonly message: Buffer,
    readonly start = 0,
    readonly end = message.length,
    readonly headers: readonly EventHeader[] = NO_HEADERS,
  ) {}

  /** Its Avro bytes: a view of the message. */
  get payload(): Buffer {
    return this.message.subarray(this.start, this.end);
  }
}
