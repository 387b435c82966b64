/**
 * Deliveries and holds: how an operator keeps an event past the call that delivered it, without losing it.
 *
 * @packageDocumentation
 */
export { hold } from './delivery/hold.js';
export { operate, subscribeInner, subscribeSource } from './delivery/operate.js';
export { inScopeOf } from './delivery/scope.js';
export { isThenable } from './delivery/waiting-observer.js';
export { joinHolds } from './delivery/joint-hold.js';
export { deliveryOf, payloadOf } from './delivery/delivery-of.js';
export type { OperatorHandlers } from './delivery/operate.js';
export type { OperatorRole } from './delivery/operator-role.js';
export type { Delivery, DeliveryOutcome, Hold, HoldState } from './delivery/delivery.js';
