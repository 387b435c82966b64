import { DELIVERY, type Delivered, type Delivery } from './delivery.js';

/**
 * The delivery that a value carries, whatever is in scope. Events of a client and their copies carry one. `undefined`
 * for any other value.
 */
export function deliveryOf(value: unknown): Delivery | undefined {
  const { [DELIVERY]: delivery } = Object(value) as Delivered;
  return delivery;
}

/** Marks an event whose values were read from elsewhere. Copies of it have the mark, too. */
const READ: unique symbol = Symbol.for('@rxforce/core/read/1') as never;

/**
 * An event whose values are not those of its bytes, as they were read from elsewhere. An event without bytes stays as
 * it is.
 */
export function readElsewhere<T extends object>(event: T): T {
  return payloadOf(event) === undefined ? event : { ...event, [READ]: true };
}

/**
 * The Avro bytes of an event, as the service sent them, while the event is held. They serve to put the event aside
 * whole. `undefined` for a value that is no event of a client, and for a record that was read, as `resolveGaps` reads
 * them.
 */
export function payloadOf(event: unknown): Uint8Array | undefined {
  const { [READ]: isRead } = Object(event) as { readonly [READ]?: true };
  return isRead === true ? undefined : deliveryOf(event)?.payload;
}
