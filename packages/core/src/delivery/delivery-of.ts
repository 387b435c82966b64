import { DELIVERY, type Delivered, type Delivery } from './delivery.js';

/**
 * The delivery that a value carries, whatever is in scope. Events of a client and their copies carry one. `undefined`
 * for any other value.
 */
export function deliveryOf(value: unknown): Delivery | undefined {
  const { [DELIVERY]: delivery } = Object(value) as Delivered;
  return delivery;
}

/**
 * The Avro bytes of an event, as the service sent them, while the event is held. They serve to put the event aside
 * whole. `undefined` for a value that is no event of a client.
 */
export function payloadOf(event: unknown): Uint8Array | undefined {
  return deliveryOf(event)?.payload;
}
