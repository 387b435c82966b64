/**
 * A local Salesforce Pub/Sub API with an org behind it, for demos and tests.
 *
 * @packageDocumentation
 */
export { startEmulator } from './start-emulator.js';
export type { Emulator } from './start-emulator.js';
export type { EmulatorOptions } from './emulator-options.js';
export type { SubscriptionSnapshot } from './flow/subscription.js';
export type { Load, LoadOptions } from './load/load-generator.js';
export type { FieldInput, RecordInput, ScalarInput } from './org/field-values.js';
export type { EntityInfo, Org, OrgRecord, TransactionOptions } from './org/org.js';
export type { RecordOperations } from './org/transaction.js';
export type { ScalarValue } from './org/values.js';
export type { RecordedEvent, Recording } from './recorded-events.js';
export type { EmulatorCredentials } from './sessions/sessions.js';
