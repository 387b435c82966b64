import { DELIVERY, type Delivered } from './delivery.js';

/**
 * The Avro bytes of an event, as the service sent them, while it is held: to put it aside whole. `undefined` for a value
 * that is no event of a client.
 */
export function payloadOf(event: unknown): Uint8Array | undefined {
  const { [DELIVERY]: delivery } = Object(event) as Delivered;
  return delivery?.payload;
}
