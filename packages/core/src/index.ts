/**
 * Salesforce Change Data Capture as RxJS.
 *
 * @packageDocumentation
 */
export { clientCredentials } from './login/client-credentials.js';
export { jwtBearer } from './login/jwt-bearer.js';
export { refreshToken } from './login/refresh-token.js';
export { staticSession } from './login/static-session.js';
export { usernamePassword } from './login/username-password.js';
export { webServerFlow } from './login/web-server-flow.js';
export { createClient } from './client.js';
export {
  AuthenticationError,
  ChangeMismatchError,
  ClientClosedError,
  CommitRefusedError,
  ConfigurationError,
  ConnectionError,
  DeadLetterQueueError,
  DecodeError,
  DeliveryFailedError,
  EventLogError,
  LeaseError,
  LimitExceededError,
  ManagedSubscriptionError,
  OrgsFailedError,
  PositionCorruptedError,
  PositionInUseError,
  ProtocolError,
  PublishError,
  ReplayIdInvalidError,
  ReplayStoreError,
  RxforceError,
  SchemaError,
  ServiceError,
  SettledEarlyError,
  SinkError,
  SnapshotTooSlowError,
  StreamEndedError,
  StuckDeliveryError,
  ThrottledError,
  TopicUnavailableError,
  UnheldError,
  WorkTimeoutError,
} from './model/errors.js';
export { changesOf } from './model/changes-of.js';
export { failedEventsOf } from './work/failed-work.js';
export { jsonOf } from './model/json.js';
export { partitionOf } from './model/partition.js';
export { ReplayId } from './model/replay-id.js';
export { Err, Ok } from './model/result.js';
export { createLogClient } from './log/log-client.js';
export { mergeOrgs } from './orgs/merge-orgs.js';
export { fileReplayStore } from './stores/file-replay-store.js';
export { memoryReplayStore } from './stores/memory-replay-store.js';
export type { ClientCredentialsOptions } from './login/client-credentials.js';
export type { JwtBearerOptions } from './login/jwt-bearer.js';
export type { LoginOptions } from './login/login-options.js';
export type { RefreshTokenOptions, RotationOptions } from './login/refresh-token.js';
export type { StaticSessionOptions } from './login/static-session.js';
export type { UsernamePasswordOptions } from './login/username-password.js';
export type {
  AuthorizationOptions,
  AuthorizationRequest,
  PendingLogin,
  WebLogin,
  WebServerFlow,
  WebServerFlowOptions,
} from './login/web-server-flow.js';
export type { FieldName, PubSubClient, SchemaInfo, SubscribeOptionsOf, TopicInfo } from './client.js';
export type { LogClient } from './log/log-client.js';
export type { LogClientOptions } from './log/log-client-options.js';
export type { LagOptions, PartitionLag } from './log/partition-lag.js';
export type { ClientOptions } from './client-options.js';
export type { TlsOptions } from './grpc/tls.js';
export type {
  AnyRxforceError,
  AuthenticationErrorDetails,
  ErrorBase,
  EventLogErrorDetails,
  EventLogFailure,
  RxforceErrorClass,
  OrgFailure,
  PublishErrorDetails,
  PublishFailure,
  RxforceErrorCode,
  RxforceErrorDetails,
  SinkErrorDetails,
  SchemaErrorDetails,
} from './model/errors.js';
export type {
  ChangeEvent,
  ChangeEventHeader,
  ChangeType,
  PlatformEvent,
  StreamEvent,
  UndecodableEvent,
} from './model/events.js';
export type { LoginFailure } from './model/login-failure.js';
export type { Result } from './model/result.js';
export type { FieldProblem } from './model/field-problem.js';
export type { MergedOrgs, MergeOrgsOptions, OfOrg, OrgClient, OrgStatus, Taggable } from './orgs/merge-orgs.js';
export type { ReplayFrom, ReplayOptions } from './position/replay-options.js';
export type { PublisherOptions, PublishOptions } from './publish/options.js';
export type { PublishData, Published, PublishInput } from './publish/publish-input.js';
export type { PublishResult } from './publish/publish-result.js';
export type { EventPublishing } from './publish/publishing.js';
export type {
  DroppedUnread,
  EventLog,
  GroupPosition,
  LogEntry,
  LogError,
  LoggedEntry,
  LogInfo,
  LogLag,
  LogResponse,
  LogStart,
} from './ports/event-log.js';
export type { Membership } from './ports/membership.js';
export type { HeldLease, Lease } from './ports/lease.js';
export type { LogFields, Logger, LogLevel } from './ports/logger.js';
export { logStatus } from './subscribe/log-status.js';
export type { PositionKey, PositionLock, ReplayStore, StoreError, StreamPosition } from './ports/replay-store.js';
export type { LoginWay, OrgSession, SessionProvider } from './ports/session-provider.js';
export type {
  DemandFigures,
  LoginStatus,
  PartitionShare,
  Status,
  StatusDetail,
  SubscriptionStatus,
} from './ports/status.js';
export { readinessOf, type ClientState, type Readiness } from './subscribe/client-state.js';
export type { OrgRequest } from './rest/org-request.js';
export type { StreamBeginning, SubscriptionPhase, SubscriptionState } from './subscribe/subscription-state.js';
export type { DrainedSubscription, DrainReport } from './subscribe/drain-report.js';
export type { InvalidPolicy } from './stream-life/life-step.js';
export type { EventStream } from './subscribe/event-stream.js';
export type { ManagedOptions } from './subscribe/managed-options.js';
export type { SubscribeOptions } from './subscribe/options.js';
export type { EventWithChanges } from './model/changes-of.js';
export type { FailedEvent } from './work/failed-work.js';
