import type { Delivery } from '@rxforce/core/delivery';

/** Events carry their delivery under this symbol; spreading an event takes it along. */
const DELIVERY: unique symbol = Symbol.for('@rxforce/core/delivery/1') as never;

/**
 * The delivery of an event, whatever is in scope: the scope of a batch is that of all its events. `undefined` for what is no
 * event of a rxforce client.
 */
export function deliveryOf(value: unknown): Delivery | undefined {
  return (Object(value) as { readonly [DELIVERY]?: Delivery })[DELIVERY];
}
