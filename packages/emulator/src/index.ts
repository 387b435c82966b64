/**
 * A local Salesforce Pub/Sub API with an org behind it, for demos and tests.
 *
 * @packageDocumentation
 */
export { METHODS, PUBLISH_METHODS, STREAM_METHODS } from './grpc/methods.js';
export { PLATFORM_EVENT_FIELD_TYPES } from './org/custom-definitions.js';
export { DATA_TYPES } from './org/field.js';
export { startEmulator } from './start-emulator.js';
export type { LogEntry } from './bus/event-lists.js';
export type { Emulator } from './start-emulator.js';
export type { EmulatorOptions } from './emulator-options.js';
export type { ChangeFaults, OverflowOptions, ReportOptions } from './faults/change-faults.js';
export type { FaultError } from './faults/fault-error.js';
export type { Faults } from './faults/faults.js';
export type { CorruptOptions, LogFaults } from './faults/log-faults.js';
export type { RedeliverOptions, ResponseFaults, ResponsesOptions, SlowOptions } from './faults/response-faults.js';
export type {
  DelayCommitsOptions,
  LagOptions,
  RecordFaults,
  SkewOptions,
  TouchOptions,
} from './faults/record-faults.js';
export type { FailJobsOptions, LimitOptions, RestFaults } from './faults/rest-faults.js';
export type { RestartOptions, ServerFaults, SilenceOptions } from './faults/server-faults.js';
export type { ExpireSessionsOptions, LoginError, SessionFaults } from './faults/session-faults.js';
export type { FailCommitsOptions, ManagedFaults } from './faults/managed-faults.js';
export type { FailEventsOptions, LosePublishesOptions, PublishFaults } from './faults/publish-faults.js';
export type { AnswerOptions, StreamFaults, StreamOptions, TopicOptions } from './faults/stream-faults.js';
export type { SubscriptionSnapshot } from './flow/subscription.js';
export type { PublishStreamSnapshot } from './grpc/live-calls.js';
export type { Method, PublishMethod, StreamMethod } from './grpc/methods.js';
export type { Load, LoadOptions } from './load/load-generator.js';
export type {
  ManagedCommit,
  ManagedPreset,
  ManagedSubscription,
  ManagedSubscriptionLog,
  ManagedSubscriptionRecords,
  ManagedSubscriptionSettings,
} from './managed/managed-subscription.js';
export type { ChannelInfo, ChannelMember, ChannelOptions } from './org/channels.js';
export type { ObjectOptions, PlatformEventFieldType } from './org/custom-definitions.js';
export type { Definitions, FieldsDefinition, FieldTypeName, MetadataTypeName } from './org/definitions.js';
export type { CustomFieldType, DataType } from './org/field.js';
export type { FieldInput, RecordInput, ScalarInput } from './org/field-values.js';
export type {
  DefinedInfo,
  EntityInfo,
  FillOptions,
  FillValues,
  Org,
  OrgRecord,
  TransactionOptions,
} from './org/org.js';
export type { PlatformEventInfo } from './org/platform-events.js';
export type { RecordOperations } from './org/transaction.js';
export type { ScalarValue } from './org/values.js';
export type { RecordedEvent, Recording } from './recorded-events.js';
export type { EmulatorCredentials } from './sessions/sessions.js';
