import { ErrorBase, isOf, type RxforceErrorDetails } from './error-base.js';
import type { FieldProblem } from './field-problem.js';
import type { LoginFailure } from './login-failure.js';

/** An option or an argument is not valid. The call that received it throws this error. */
export class ConfigurationError extends ErrorBase<'configuration'> {
  static readonly is = isOf<ConfigurationError>('configuration');
  override readonly name = 'ConfigurationError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('configuration', message, details);
  }
}

/** The client was closed. Make another one with `createClient()`. */
export class ClientClosedError extends ErrorBase<'client-closed'> {
  static readonly is = isOf<ClientClosedError>('client-closed');
  override readonly name = 'ClientClosedError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('client-closed', message, details);
  }
}

/** What an {@link AuthenticationError} can say beyond its message. */
export interface AuthenticationErrorDetails extends RxforceErrorDetails {
  /** Why the login was refused. */
  readonly reason?: LoginFailure;
}

/** The login, or the session it gave, was refused. */
export class AuthenticationError extends ErrorBase<'authentication'> implements AuthenticationErrorDetails {
  static readonly is = isOf<AuthenticationError>('authentication');
  override readonly name = 'AuthenticationError';
  /** Why the login was refused. Left out when the service refused a call with a session. */
  declare readonly reason?: LoginFailure;
  constructor(message: string, details?: AuthenticationErrorDetails) {
    super('authentication', message, details);
  }
}

/** The service, or the login endpoint, cannot be reached. Retriable, unless `details` say otherwise. */
export class ConnectionError extends ErrorBase<'connection'> {
  static readonly is = isOf<ConnectionError>('connection');
  override readonly name = 'ConnectionError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('connection', message, { retriable: true, ...details });
  }
}

/** The server ended the stream. Retriable, unless `details` say otherwise. */
export class StreamEndedError extends ErrorBase<'stream-ended'> {
  static readonly is = isOf<StreamEndedError>('stream-ended');
  override readonly name = 'StreamEndedError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('stream-ended', message, { retriable: true, ...details });
  }
}

/** The topic does not exist, or this user may not subscribe to it. */
export class TopicUnavailableError extends ErrorBase<'topic-unavailable'> {
  static readonly is = isOf<TopicUnavailableError>('topic-unavailable');
  override readonly name = 'TopicUnavailableError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('topic-unavailable', message, details);
  }
}

/** The service does not know the replay id, or does not know it any more. */
export class ReplayIdInvalidError extends ErrorBase<'replay-id-invalid'> {
  static readonly is = isOf<ReplayIdInvalidError>('replay-id-invalid');
  override readonly name = 'ReplayIdInvalidError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('replay-id-invalid', message, details);
  }
}

/** The service asks for less: too many connections or too many calls. Retriable, unless `details` say otherwise. */
export class ThrottledError extends ErrorBase<'throttled'> {
  static readonly is = isOf<ThrottledError>('throttled');
  override readonly name = 'ThrottledError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('throttled', message, { retriable: true, ...details });
  }
}

/** An allocation of the org is used up, or its edition lacks the feature. */
export class LimitExceededError extends ErrorBase<'limit-exceeded'> {
  static readonly is = isOf<LimitExceededError>('limit-exceeded');
  override readonly name = 'LimitExceededError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('limit-exceeded', message, details);
  }
}

/** The service refused a request that this client should not have made, or its answer has no meaning. */
export class ProtocolError extends ErrorBase<'protocol'> {
  static readonly is = isOf<ProtocolError>('protocol');
  override readonly name = 'ProtocolError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('protocol', message, details);
  }
}

/** Any other failure of the service. */
export class ServiceError extends ErrorBase<'service'> {
  static readonly is = isOf<ServiceError>('service');
  override readonly name = 'ServiceError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('service', message, details);
  }
}

/** What a {@link SchemaError} can say beyond its message. */
export interface SchemaErrorDetails extends RxforceErrorDetails {
  /** The id of the schema that the service sent instead of `schemaId`. */
  readonly actualSchemaId?: string;
}

/** A schema is not valid Avro, or is not the one that its id names. */
export class SchemaError extends ErrorBase<'schema-invalid'> implements SchemaErrorDetails {
  static readonly is = isOf<SchemaError>('schema-invalid');
  override readonly name = 'SchemaError';
  declare readonly actualSchemaId?: string;
  constructor(message: string, details?: SchemaErrorDetails) {
    super('schema-invalid', message, details);
  }
}

/** An event's payload cannot be decoded with its schema. */
export class DecodeError extends ErrorBase<'undecodable'> {
  static readonly is = isOf<DecodeError>('undecodable');
  override readonly name = 'DecodeError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('undecodable', message, details);
  }
}

/**
 * The work on a delivered event failed, or the hold on it was dropped while the subscription continued. The event is
 * not settled, and comes again with the next subscription.
 */
export class DeliveryFailedError extends ErrorBase<'delivery-failed'> {
  static readonly is = isOf<DeliveryFailedError>('delivery-failed');
  override readonly name = 'DeliveryFailedError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('delivery-failed', message, details);
  }
}

/** An operator that holds events received one that had already counted as done. A crash now would lose it. */
export class SettledEarlyError extends ErrorBase<'settled-early'> {
  static readonly is = isOf<SettledEarlyError>('settled-early');
  override readonly name = 'SettledEarlyError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('settled-early', message, details);
  }
}

/**
 * Nothing downstream is known to work on the events of a stream, so they would count as done before their work is.
 * Nothing was committed. Work in `handle()`, or return the promise from the function given to `subscribe()`.
 */
export class UnheldError extends ErrorBase<'unheld'> {
  static readonly is = isOf<UnheldError>('unheld');
  override readonly name = 'UnheldError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('unheld', message, details);
  }
}

/** An event stayed unsettled for too long, or too many events came after it. The subscription gave up. */
export class StuckDeliveryError extends ErrorBase<'stuck-delivery'> {
  static readonly is = isOf<StuckDeliveryError>('stuck-delivery');
  override readonly name = 'StuckDeliveryError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('stuck-delivery', message, details);
  }
}

/**
 * Records were read for so long that the service is about to drop the events since. Read fewer fields or records, or by
 * the Bulk API.
 */
export class SnapshotTooSlowError extends ErrorBase<'snapshot-too-slow'> {
  static readonly is = isOf<SnapshotTooSlowError>('snapshot-too-slow');
  override readonly name = 'SnapshotTooSlowError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('snapshot-too-slow', message, details);
  }
}

/** A replay store cannot be reached, read or written for now. Retriable, unless `details` say otherwise. */
export class ReplayStoreError extends ErrorBase<'replay-store'> {
  static readonly is = isOf<ReplayStoreError>('replay-store');
  override readonly name = 'ReplayStoreError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('replay-store', message, { retriable: true, ...details });
  }
}

/** A replay store holds something other than a position. */
export class PositionCorruptedError extends ErrorBase<'position-corrupted'> {
  static readonly is = isOf<PositionCorruptedError>('position-corrupted');
  override readonly name = 'PositionCorruptedError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('position-corrupted', message, details);
  }
}

/** Another subscription or process uses the position. */
export class PositionInUseError extends ErrorBase<'position-in-use'> {
  static readonly is = isOf<PositionInUseError>('position-in-use');
  override readonly name = 'PositionInUseError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('position-in-use', message, details);
  }
}

/** A lease cannot be acquired or renewed, for now or ever. Retriable, unless `details` say otherwise. */
export class LeaseError extends ErrorBase<'lease'> {
  static readonly is = isOf<LeaseError>('lease');
  override readonly name = 'LeaseError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('lease', message, { retriable: true, ...details });
  }
}

/**
 * Work on an event took longer than its operator allows, and was cancelled. Retriable, unless `details` say otherwise.
 */
export class WorkTimeoutError extends ErrorBase<'work-timeout'> {
  static readonly is = isOf<WorkTimeoutError>('work-timeout');
  override readonly name = 'WorkTimeoutError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('work-timeout', message, { retriable: true, ...details });
  }
}

/** A change does not fit the record that it was applied to. Read the record again. */
export class ChangeMismatchError extends ErrorBase<'change-mismatch'> {
  static readonly is = isOf<ChangeMismatchError>('change-mismatch');
  override readonly name = 'ChangeMismatchError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('change-mismatch', message, details);
  }
}

/** A dead-letter queue cannot be reached, read or written. Retriable, unless `details` say otherwise. */
export class DeadLetterQueueError extends ErrorBase<'dead-letter-queue'> {
  static readonly is = isOf<DeadLetterQueueError>('dead-letter-queue');
  override readonly name = 'DeadLetterQueueError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('dead-letter-queue', message, { retriable: true, ...details });
  }
}

/**
 * Another system that events are written to, such as a database, cannot be reached, or refuses them. Retriable, unless
 * `details` say otherwise.
 */
export class SinkError extends ErrorBase<'sink'> {
  static readonly is = isOf<SinkError>('sink');
  override readonly name = 'SinkError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('sink', message, { retriable: true, ...details });
  }
}

/**
 * Why an event was not published. `not-publishable`: nobody may publish to the topic, or this user may not. `invalid`:
 * the event does not fit the topic's schema. `too-large`: it is larger than the service takes. `refused`: the service
 * refused it. `unknown`: it was sent, and the connection broke before the answer. `overflow`: too many events wait to
 * be published.
 */
export type PublishFailure = 'not-publishable' | 'invalid' | 'too-large' | 'refused' | 'unknown' | 'overflow';

/** What a {@link PublishError} can say beyond its message. */
export interface PublishErrorDetails extends RxforceErrorDetails {
  /** The event's id, which identifies its result. */
  readonly eventId?: string;
  /** The fields that do not fit the schema, where `reason` is `invalid`. */
  readonly problems?: readonly FieldProblem[];
}

/**
 * An event was not published, or nobody knows whether it was (`reason: 'unknown'`). In the second case, another attempt
 * may publish it twice. Only `unknown` is retriable, unless `details` say otherwise.
 */
export class PublishError extends ErrorBase<'publish'> implements PublishErrorDetails {
  static readonly is = isOf<PublishError>('publish');
  override readonly name = 'PublishError';
  /** Why it was not published. */
  readonly reason: PublishFailure;
  declare readonly eventId?: string;
  declare readonly problems?: readonly FieldProblem[];
  constructor(reason: PublishFailure, message: string, details?: PublishErrorDetails) {
    super('publish', message, { retriable: reason === 'unknown', ...details });
    this.reason = reason;
  }

  /** Whether the event is certainly not on the topic, or may be on it. */
  get outcome(): 'not-published' | 'unknown' {
    return this.reason === 'unknown' ? 'unknown' : 'not-published';
  }
}

/**
 * Why a call of an event log failed.
 *
 * - `unavailable`: the engine cannot be reached, or does not answer. It may pass.
 * - `gap`: entries came or went that the writer does not know of, so what it appends might not follow what it appended
 *   before. Nothing was appended. A new subscription of the writer starts at its last commit.
 * - `mismatch`: the log is not the one that is meant, as it has another number of partitions.
 * - `refused`: the engine refuses the call, and would refuse it again.
 */
export type EventLogFailure = 'unavailable' | 'gap' | 'mismatch' | 'refused';

/** What an {@link EventLogError} can say beyond its message. */
export interface EventLogErrorDetails extends RxforceErrorDetails {
  /**
   * Why the call failed.
   *
   * @defaultValue `'unavailable'`
   */
  readonly reason?: EventLogFailure;
}

/**
 * An event log cannot be reached, read or written, or is not the one that is meant. Only `unavailable` is retriable,
 * unless `details` say otherwise.
 */
export class EventLogError extends ErrorBase<'event-log'> {
  static readonly is = isOf<EventLogError>('event-log');
  override readonly name = 'EventLogError';
  /** Why the call failed. */
  readonly reason: EventLogFailure;
  constructor(message: string, { reason = 'unavailable', ...details }: EventLogErrorDetails = {}) {
    super('event-log', message, { retriable: reason === 'unavailable', ...details });
    this.reason = reason;
  }
}

/** A managed subscription does not exist, is stopped, or is in use elsewhere. */
export class ManagedSubscriptionError extends ErrorBase<'managed-subscription'> {
  static readonly is = isOf<ManagedSubscriptionError>('managed-subscription');
  override readonly name = 'ManagedSubscriptionError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('managed-subscription', message, details);
  }
}

/**
 * The service did not make the position of a managed subscription durable. It may accept a later position. Retriable,
 * unless `details` say otherwise.
 */
export class CommitRefusedError extends ErrorBase<'commit-refused'> {
  static readonly is = isOf<CommitRefusedError>('commit-refused');
  override readonly name = 'CommitRefusedError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('commit-refused', message, { retriable: true, ...details });
  }
}
