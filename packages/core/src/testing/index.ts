/**
 * For tests of pipelines: virtual time, and sources that tell what was settled and when.
 *
 * @packageDocumentation
 */
export { delivered } from './delivered.js';
export { runMarbles } from './run-marbles.js';
export type { DeliveredSource, DeliveryLogEntry } from './delivered.js';
