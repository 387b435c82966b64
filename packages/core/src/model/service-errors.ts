import { ErrorBase, isOf, type RxforceErrorDetails } from './error-base.js';
import type { LoginFailure } from './login-failure.js';

/** What an {@link AuthenticationError} can say beyond its message. */
export interface AuthenticationErrorDetails extends RxforceErrorDetails {
  /** Why the login was refused. */
  readonly reason?: LoginFailure;
}

/** The login, or the session it gave, was refused. */
export class AuthenticationError
  extends ErrorBase<'authentication', AuthenticationErrorDetails>
  implements AuthenticationErrorDetails
{
  static readonly is = isOf<AuthenticationError>('authentication');
  override readonly name = 'AuthenticationError';
  override readonly code = 'authentication';
  /** Why the login was refused. Left out when the service refused a call with a session. */
  declare readonly reason?: LoginFailure;
}

/** The service, or the login endpoint, cannot be reached. Retriable, unless `details` say otherwise. */
export class ConnectionError extends ErrorBase<'connection'> {
  static readonly is = isOf<ConnectionError>('connection');
  override readonly name = 'ConnectionError';
  override readonly code = 'connection';
  constructor(message: string, details?: RxforceErrorDetails) {
    super(message, { retriable: true, ...details });
  }
}

/** The server ended the stream. Retriable, unless `details` say otherwise. */
export class StreamEndedError extends ErrorBase<'stream-ended'> {
  static readonly is = isOf<StreamEndedError>('stream-ended');
  override readonly name = 'StreamEndedError';
  override readonly code = 'stream-ended';
  constructor(message: string, details?: RxforceErrorDetails) {
    super(message, { retriable: true, ...details });
  }
}

/** The topic does not exist, or this user may not subscribe to it. */
export class TopicUnavailableError extends ErrorBase<'topic-unavailable'> {
  static readonly is = isOf<TopicUnavailableError>('topic-unavailable');
  override readonly name = 'TopicUnavailableError';
  override readonly code = 'topic-unavailable';
}

/** The service does not know the replay id, or does not know it any more. */
export class ReplayIdInvalidError extends ErrorBase<'replay-id-invalid'> {
  static readonly is = isOf<ReplayIdInvalidError>('replay-id-invalid');
  override readonly name = 'ReplayIdInvalidError';
  override readonly code = 'replay-id-invalid';
}

/** The service asks for less: too many connections or too many calls. Retriable, unless `details` say otherwise. */
export class ThrottledError extends ErrorBase<'throttled'> {
  static readonly is = isOf<ThrottledError>('throttled');
  override readonly name = 'ThrottledError';
  override readonly code = 'throttled';
  constructor(message: string, details?: RxforceErrorDetails) {
    super(message, { retriable: true, ...details });
  }
}

/** An allocation of the org is used up, or its edition lacks the feature. */
export class LimitExceededError extends ErrorBase<'limit-exceeded'> {
  static readonly is = isOf<LimitExceededError>('limit-exceeded');
  override readonly name = 'LimitExceededError';
  override readonly code = 'limit-exceeded';
}

/** The service refused a request that this client should not have made, or its answer has no meaning. */
export class ProtocolError extends ErrorBase<'protocol'> {
  static readonly is = isOf<ProtocolError>('protocol');
  override readonly name = 'ProtocolError';
  override readonly code = 'protocol';
}

/** Any other failure of the service. */
export class ServiceError extends ErrorBase<'service'> {
  static readonly is = isOf<ServiceError>('service');
  override readonly name = 'ServiceError';
  override readonly code = 'service';
}

/** What a {@link SchemaError} can say beyond its message. */
export interface SchemaErrorDetails extends RxforceErrorDetails {
  /** The id of the schema that the service sent instead of `schemaId`. */
  readonly actualSchemaId?: string;
}

/** A schema is not valid Avro, or is not the one that its id names. */
export class SchemaError extends ErrorBase<'schema-invalid', SchemaErrorDetails> implements SchemaErrorDetails {
  static readonly is = isOf<SchemaError>('schema-invalid');
  override readonly name = 'SchemaError';
  override readonly code = 'schema-invalid';
  declare readonly actualSchemaId?: string;
}

/** An event's payload cannot be decoded with its schema. */
export class DecodeError extends ErrorBase<'undecodable'> {
  static readonly is = isOf<DecodeError>('undecodable');
  override readonly name = 'DecodeError';
  override readonly code = 'undecodable';
}

/** A managed subscription does not exist, is stopped, or is in use elsewhere. */
export class ManagedSubscriptionError extends ErrorBase<'managed-subscription'> {
  static readonly is = isOf<ManagedSubscriptionError>('managed-subscription');
  override readonly name = 'ManagedSubscriptionError';
  override readonly code = 'managed-subscription';
}

/**
 * The service did not make the position of a managed subscription durable. It may accept a later position. Retriable,
 * unless `details` say otherwise.
 */
export class CommitRefusedError extends ErrorBase<'commit-refused'> {
  static readonly is = isOf<CommitRefusedError>('commit-refused');
  override readonly name = 'CommitRefusedError';
  override readonly code = 'commit-refused';
  constructor(message: string, details?: RxforceErrorDetails) {
    super(message, { retriable: true, ...details });
  }
}
