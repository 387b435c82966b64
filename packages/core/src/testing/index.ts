/**
 * For tests of pipelines: virtual time, and sources that tell what was settled and when. For tests of replay stores: what
 * every one of them does.
 *
 * @packageDocumentation
 */
export { delivered } from './delivered.js';
export { replayStoreContract } from './replay-store-contract.js';
export { runMarbles } from './run-marbles.js';
export type { DeliveredSource, DeliveryLogEntry } from './delivered.js';
export type { ReplayStoreContractCase, ReplayStoreContractOptions } from './replay-store-contract.js';
