/**
 * Deliveries and holds: how an operator keeps an event past the call that delivered it, without losing it.
 *
 * @packageDocumentation
 */
export { hold } from './hold.js';
export { operate, subscribeInner, subscribeSource } from './operate.js';
export { inScopeOf } from './scope.js';
export { isThenable } from './waiting-observer.js';
export { joinHolds } from './joint-hold.js';
export { deliveryOf, payloadOf } from './delivery-of.js';
export type { OperatorHandlers } from './operate.js';
export type { OperatorRole } from './operator-role.js';
export type { Delivery, DeliveryOutcome, Hold, HoldState } from './delivery.js';
