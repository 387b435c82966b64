/**
 * For tests of pipelines: virtual time, events, a client whose streams are marbles, and sources that show which events
 * were settled and when. For tests of replay stores and leases: the contract that each of them keeps.
 *
 * @packageDocumentation
 */
export { changeEvent, platformEvent } from './change-event.js';
export { delivered } from './delivered.js';
export { eventLogContract } from './event-log-contract.js';
export { fakeClient } from './fake-client.js';
export { leaseContract } from './lease-contract.js';
export { memoryEventLog } from './memory-event-log.js';
export { replayStoreContract } from './replay-store-contract.js';
export { runMarbles } from './run-marbles.js';
export type { ChangeEventFields } from './change-event.js';
export type { ContractCase } from './contract.js';
export type { DeliveredOptions, DeliveredSource, DeliveryLogEntry } from './delivered.js';
export type { EventLogContractOptions } from './event-log-contract.js';
export type { EventLogSettings } from './event-log-parts.js';
export type { FakeClient, FetchAnswer } from './fake-client.js';
export type { PublishAnswer } from './fake-publishing.js';
export type { LeaseContractOptions } from './lease-contract.js';
export type { MemoryEventLog, MemoryEventLogOptions } from './memory-event-log.js';
export type { ReplayStoreContractOptions } from './replay-store-contract.js';
export type { MarbleHelpers } from './run-marbles.js';
