export {
  AuthenticationError,
  CommitRefusedError,
  ConnectionError,
  DecodeError,
  LimitExceededError,
  ManagedSubscriptionError,
  ProtocolError,
  ReplayIdInvalidError,
  SchemaError,
  ServiceError,
  StreamEndedError,
  ThrottledError,
  TopicUnavailableError,
} from './service-errors.js';
export {
  DeadLetterQueueError,
  EventLogError,
  LeaseError,
  PositionCorruptedError,
  PositionInUseError,
  ReplayStoreError,
  SinkError,
} from './port-errors.js';
export {
  ChangeMismatchError,
  ClientClosedError,
  ConfigurationError,
  DeliveryFailedError,
  SettledEarlyError,
  SnapshotTooSlowError,
  StuckDeliveryError,
  UnheldError,
  WorkTimeoutError,
} from './work-errors.js';
export { PublishError } from './publish-error.js';
export { errorOf, OrgsFailedError, RxforceError } from './rxforce-error.js';
export type { AuthenticationErrorDetails, SchemaErrorDetails } from './service-errors.js';
export type { EventLogErrorDetails, EventLogFailure, SinkErrorDetails } from './port-errors.js';
export type { PublishErrorDetails, PublishFailure } from './publish-error.js';
export type { AnyRxforceError, OrgFailure, PlainErrorCode, RxforceErrorClass } from './rxforce-error.js';
export type { ErrorBase, RxforceErrorCode, RxforceErrorDetails } from './error-base.js';
