import { DELIVERY, type Delivered, type Delivery } from './delivery.js';

/**
 * The delivery that a value is of, whatever is in scope: an event of a client, or a copy of one, has it with it. `undefined`
 * for any other value.
 */
export function deliveryOf(value: unknown): Delivery | undefined {
  const { [DELIVERY]: delivery } = Object(value) as Delivered;
  return delivery;
}

/**
 * The Avro bytes of an event, as the service sent them, while it is held: to put it aside whole. `undefined` for a value
 * that is no event of a client.
 */
export function payloadOf(event: unknown): Uint8Array | undefined {
  return deliveryOf(event)?.payload;
}
