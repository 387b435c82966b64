/**
 * Deliveries of a source of one's own, such as a queue, that are held and settled as a client's events are.
 *
 * @packageDocumentation
 */
export { deliverySource } from './settlement/delivery-source.js';
export type { DeliverySink } from './settlement/delivery-source.js';
export type { DeliverySourceOptions } from './settlement/delivery-source-options.js';
