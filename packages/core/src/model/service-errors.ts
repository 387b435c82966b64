import { ErrorBase, isOf, type RxforceErrorDetails } from './error-base.js';
import type { LoginFailure } from './login-failure.js';

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
