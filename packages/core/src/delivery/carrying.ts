import { DELIVERY, type Delivery } from './delivery.js';

/**
 * A copy of an event that carries its delivery, hidden, so that it still equals the event. Other values stay as they
 * are.
 */
export function carrying<T>(value: T, delivery: Delivery): T {
  if (!(value instanceof Object && 'replayId' in value)) return value;
  return Object.defineProperty({ ...(value as T & object) }, DELIVERY, { value: delivery });
}
