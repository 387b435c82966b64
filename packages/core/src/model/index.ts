/**
 * The words of rxforce: events, replay ids, topics, results and errors. Pure values and types.
 *
 * @packageDocumentation
 */
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
} from './errors.js';
export { kindOf } from './answer.js';
export { headerWith } from './change-header.js';
export { changesOf } from './changes-of.js';
export { fieldsOf } from './event-fields.js';
export { CHANGE_TYPES } from './events.js';
export { asText, isForReading, jsonOf } from './json.js';
export { checkOptionNames } from './option-names.js';
export { ownField, setField } from './own-fields.js';
export { partitionOf } from './partition.js';
export { plainText } from './plain-text.js';
export { ReplayId } from './replay-id.js';
export { Err, Ok } from './result.js';
export { changeTopic, eventTopic, topicOf } from './topic.js';
export { wrongNumber } from './whole-number.js';
export type { EventFields, FieldKind, MismatchPolicy } from './event-fields.js';
export type {
  ChangeEvent,
  ChangeEventHeader,
  ChangeType,
  PlatformEvent,
  StreamEvent,
  UndecodableEvent,
} from './events.js';
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
} from './errors.js';
export type { LoginFailure } from './login-failure.js';
export type { FieldProblem } from './field-problem.js';
export type { LogFields, Logger, LogLevel } from './logger.js';
export type { OptionsOwner } from './option-names.js';
export type { Result } from './result.js';
export type { EventWithChanges } from './changes-of.js';
