/**
 * Salesforce Change Data Capture as RxJS.
 *
 * @packageDocumentation
 */
export { clientCredentials } from './auth/client-credentials.js';
export { staticSession } from './auth/static-session.js';
export { createClient } from './client.js';
export {
  AuthenticationError,
  ChangeMismatchError,
  ConfigurationError,
  ConnectionError,
  DeadLetterQueueError,
  DecodeError,
  DeliveryFailedError,
  LeaseError,
  ManagedSubscriptionError,
  ReplayStoreError,
  RxforceError,
  SchemaError,
  SettledEarlyError,
  StuckDeliveryError,
  WorkTimeoutError,
} from './model/errors.js';
export { ReplayId } from './model/replay-id.js';
export { Err, Ok } from './model/result.js';
export { fileReplayStore } from './stores/file-replay-store.js';
export { memoryReplayStore } from './stores/memory-replay-store.js';
export type { ClientCredentialsOptions } from './auth/client-credentials.js';
export type { StaticSessionOptions } from './auth/static-session.js';
export type { ClientOptions, PubSubClient, SchemaInfo, TopicInfo } from './client.js';
export type { TlsOptions } from './grpc/pubsub-client.js';
export type { ReplayStoreErrorCode, RxforceErrorCode, RxforceErrorDetails } from './model/errors.js';
export type {
  ChangeEvent,
  ChangeEventHeader,
  ChangeType,
  PlatformEvent,
  StreamEvent,
  UndecodableEvent,
} from './model/events.js';
export type { Result } from './model/result.js';
export type { HeldLease, Lease } from './ports/lease.js';
export type { Logger } from './ports/logger.js';
export type { PositionKey, PositionLock, ReplayStore, StreamPosition } from './ports/replay-store.js';
export type { OrgSession, SessionProvider } from './ports/session-provider.js';
export type { DemandFigures, Status, StatusDetail } from './ports/status.js';
export type { DrainedSubscription, DrainReport } from './subscribe/drain-report.js';
export type { EventStream } from './subscribe/event-stream.js';
export type { ManagedOptions } from './subscribe/managed-options.js';
export type { ReplayFrom, ReplayOptions, SubscribeOptions } from './subscribe/options.js';
