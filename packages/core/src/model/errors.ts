import type { FieldProblem } from './field-problem.js';
import { ERROR_BRAND, errorJson } from './json.js';
import type { LoginFailure } from './login-failure.js';
import { plainText } from './plain-text.js';

/** Every code an {@link RxforceError} can have. A closed set: a `switch` over it can be complete. */
export type RxforceErrorCode =
  /** An option or an argument is not valid. */
  | 'configuration'
  /** The client was closed. */
  | 'client-closed'
  /** The login, or the session it gave, was refused. */
  | 'authentication'
  /** The service, or the login endpoint, cannot be reached. */
  | 'connection'
  /** The server ended the stream. */
  | 'stream-ended'
  /** The topic does not exist, or this user may not subscribe to it. */
  | 'topic-unavailable'
  /** The service does not know the replay id, or no longer. */
  | 'replay-id-invalid'
  /** The service asks for less: too many connections or too many calls. */
  | 'throttled'
  /** An allocation of the org is used up, or its edition lacks the feature. */
  | 'limit-exceeded'
  /** The service refused a request that this client should not have made. */
  | 'protocol'
  /** Any other failure of the service. */
  | 'service'
  /** A schema is not valid Avro, or is not the one that its id names. */
  | 'schema-invalid'
  /** An event's payload cannot be decoded with its schema. */
  | 'undecodable'
  /** A delivery's work failed, or its hold was dropped. */
  | 'delivery-failed'
  /** An event reached an operator only after it had counted as done. */
  | 'settled-early'
  /** Nothing downstream is known to work on events. */
  | 'unheld'
  /** An event was not settled for so long that the subscription gave up. */
  | 'stuck-delivery'
  /** A replay store cannot be reached, read or written for now. */
  | 'replay-store'
  /** What a replay store holds is not a position. */
  | 'position-corrupted'
  /** Another subscription or process goes by this position. */
  | 'position-in-use'
  /** A lease cannot be acquired or renewed for now, or can never be. */
  | 'lease'
  /** Work on an event took longer than its operator lets it. */
  | 'work-timeout'
  /** A change cannot be applied to the record: the record is not the one that the change was made to. */
  | 'change-mismatch'
  /** A dead-letter queue cannot be reached, read or written. */
  | 'dead-letter-queue'
  /** An event was not published, or nobody knows whether it was; or the topic takes none. */
  | 'publish'
  /** A managed subscription does not exist, is stopped, or is in use elsewhere. */
  | 'managed-subscription'
  /** The service did not make the position of a managed subscription durable. */
  | 'commit-refused';

/** What an {@link RxforceError} can say beyond its message. */
export interface RxforceErrorDetails {
  /** What caused it. */
  readonly cause?: unknown;
  /** Whether the same call may succeed later, unchanged. `false` by default. */
  readonly retriable?: boolean;
  /** The topic concerned. */
  readonly topic?: string;
  /** The replay id concerned, in base64. */
  readonly replayId?: string;
  /** The schema id concerned. */
  readonly schemaId?: string;
  /** The service's id of the call, which Salesforce support asks for. */
  readonly rpcId?: string;
  /** The service's own error code, such as `sfdc.platform.eventbus.grpc.service.auth.error`. */
  readonly serviceCode?: string;
  /** The gRPC status, such as 16 for UNAUTHENTICATED. */
  readonly grpcStatus?: number;
  /** Set where the call certainly never reached the service, so that nothing came of it. */
  readonly neverSent?: true;
}

/** Every error of rxforce. Its message says what happened and what to do about it. */
export class RxforceError extends Error implements RxforceErrorDetails {
  override readonly name: string = 'RxforceError';
  /** What kind of error it is. */
  readonly code: RxforceErrorCode;
  readonly retriable: boolean;
  declare readonly topic?: string;
  declare readonly replayId?: string;
  declare readonly schemaId?: string;
  declare readonly rpcId?: string;
  declare readonly serviceCode?: string;
  declare readonly grpcStatus?: number;
  declare readonly neverSent?: true;

  constructor(code: RxforceErrorCode, message: string, details: RxforceErrorDetails = {}) {
    const { cause, retriable = false, ...rest } = details;
    // Here, so that nothing of a service or a peer can write to a terminal, whichever way it came into a message.
    super(plainText(message, MOST_CHARACTERS), cause === undefined ? undefined : { cause });
    this.code = code;
    this.retriable = retriable;
    Object.assign(this, rest, ofTheService(rest));
    Object.defineProperty(this, ERROR_BRAND, { value: true });
  }

  /** `value` itself where it is an error of rxforce; anything else becomes the cause of one, which is not retriable. */
  static from(value: unknown): RxforceError {
    if (RxforceError.is(value)) return value;
    const reason = value instanceof Error ? value.message : String(value);
    return new RxforceError('service', `Something failed that rxforce does not know: ${reason}`, { cause: value });
  }

  /**
   * What JSON has of it: name, message, code, `retriable` and what else it says, and the name, message and code of its causes.
   * No stack, and of causes that are no errors of rxforce no other field, which may be a secret.
   */
  toJSON(): Record<string, unknown> {
    return errorJson(this);
  }

  /** Whether `value` is an error of rxforce, of this copy of the package or of another. */
  static is(value: unknown): value is RxforceError {
    return typeof value === 'object' && value !== null && ERROR_BRAND in value;
  }
}

/** Longer messages are cut: what others say in them was, before, so this is for what nobody thought of. */
const MOST_CHARACTERS = 4_000;

/** The service's own texts, which are to be quoted to its support. */
function ofTheService({ rpcId, serviceCode, schemaId }: RxforceErrorDetails): Partial<RxforceErrorDetails> {
  return {
    ...(rpcId !== undefined && { rpcId: plainText(rpcId, MOST_OF_A_NAME) }),
    ...(serviceCode !== undefined && { serviceCode: plainText(serviceCode, MOST_OF_A_NAME) }),
    ...(schemaId !== undefined && { schemaId: plainText(schemaId, MOST_OF_A_NAME) }),
  };
}

const MOST_OF_A_NAME = 200;

/** An option or an argument is not valid. Thrown by the call that was given it. */
export class ConfigurationError extends RxforceError {
  override readonly name = 'ConfigurationError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('configuration', message, details);
  }
}

/** What an {@link AuthenticationError} can say beyond its message. */
export interface AuthenticationErrorDetails extends RxforceErrorDetails {
  /** Why the login was refused. */
  readonly reason?: LoginFailure;
}

/** The login, or the session it gave, was refused. */
export class AuthenticationError extends RxforceError implements AuthenticationErrorDetails {
  override readonly name = 'AuthenticationError';
  /** Why the login was refused; left out when it was a call that was refused, with a session. */
  declare readonly reason?: LoginFailure;
  constructor(message: string, details?: AuthenticationErrorDetails) {
    super('authentication', message, details);
  }
}

/** The service, or the login endpoint, cannot be reached. Retriable, unless `details` say otherwise. */
export class ConnectionError extends RxforceError {
  override readonly name = 'ConnectionError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('connection', message, { retriable: true, ...details });
  }
}

/** What a {@link SchemaError} can say beyond its message. */
export interface SchemaErrorDetails extends RxforceErrorDetails {
  /** The id of the schema that was sent in place of the one of `schemaId`. */
  readonly actualSchemaId?: string;
}

/** A schema is not valid Avro, or is not the one that its id names. */
export class SchemaError extends RxforceError implements SchemaErrorDetails {
  override readonly name = 'SchemaError';
  declare readonly actualSchemaId?: string;
  constructor(message: string, details?: SchemaErrorDetails) {
    super('schema-invalid', message, details);
  }
}

/** An event's payload cannot be decoded with its schema. */
export class DecodeError extends RxforceError {
  override readonly name = 'DecodeError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('undecodable', message, details);
  }
}

/**
 * The work on a delivered event failed, or the hold on it was dropped while the subscription went on.
 * The event was not settled: it comes again when the subscription is made again.
 */
export class DeliveryFailedError extends RxforceError {
  override readonly name = 'DeliveryFailedError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('delivery-failed', message, details);
  }
}

/** An operator that holds events received one that had already counted as done: a crash now would lose it. */
export class SettledEarlyError extends RxforceError {
  override readonly name = 'SettledEarlyError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('settled-early', message, details);
  }
}

/**
 * Nothing behind a stream is known to work on its events, so they would count as done before their work is. Nothing was
 * committed: work in `handle()`, or return the promise from the function given to `subscribe()`.
 */
export class UnheldError extends RxforceError {
  override readonly name = 'UnheldError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('unheld', message, details);
  }
}

/** An event was not settled for so long, or so many came after it, that the subscription gave up. */
export class StuckDeliveryError extends RxforceError {
  override readonly name = 'StuckDeliveryError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('stuck-delivery', message, details);
  }
}

/** What keeps a lease failed. Retriable, unless `details` say otherwise. */
export class LeaseError extends RxforceError {
  override readonly name = 'LeaseError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('lease', message, { retriable: true, ...details });
  }
}

/** Work on an event took longer than its operator lets it, and was unsubscribed. Retriable. */
export class WorkTimeoutError extends RxforceError {
  override readonly name = 'WorkTimeoutError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('work-timeout', message, { retriable: true, ...details });
  }
}

/** A change cannot be applied to a record, because the record is not the one it was made to: read the record again. */
export class ChangeMismatchError extends RxforceError {
  override readonly name = 'ChangeMismatchError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('change-mismatch', message, details);
  }
}

/** A dead-letter queue failed. Retriable, unless `details` say otherwise. */
export class DeadLetterQueueError extends RxforceError {
  override readonly name = 'DeadLetterQueueError';
  constructor(message: string, details?: RxforceErrorDetails) {
    super('dead-letter-queue', message, { retriable: true, ...details });
  }
}

/** What can go wrong in a replay store. */
export type ReplayStoreErrorCode = Extract<RxforceErrorCode, 'replay-store' | 'position-corrupted' | 'position-in-use'>;

/**
 * A replay store failed: it cannot be reached (`replay-store`, retriable unless `details` say otherwise), holds something
 * that is no position (`position-corrupted`), or has given the position to somebody else (`position-in-use`).
 */
export class ReplayStoreError extends RxforceError {
  override readonly name = 'ReplayStoreError';
  constructor(code: ReplayStoreErrorCode, message: string, details?: RxforceErrorDetails) {
    super(code, message, { retriable: code === 'replay-store', ...details });
  }
}

/**
 * Why an event was not published. `not-publishable`: nobody may publish to the topic, or this user may not. `invalid`: the
 * event does not fit the topic's schema. `too-large`: it is larger than the service takes. `refused`: the service said so.
 * `unknown`: it was sent, and the connection broke before the answer. `overflow`: too many events wait to be published.
 */
export type PublishFailure = 'not-publishable' | 'invalid' | 'too-large' | 'refused' | 'unknown' | 'overflow';

/** What a {@link PublishError} can say beyond its message. */
export interface PublishErrorDetails extends RxforceErrorDetails {
  /** The event's id, by which its result is told from others. */
  readonly eventId?: string;
  /** What does not fit the schema, where `reason` is `invalid`. */
  readonly problems?: readonly FieldProblem[];
}

/**
 * An event was not published; or nobody knows whether it was (`reason: 'unknown'`), and publishing it again may publish it
 * twice. Only an `unknown` one is retriable, unless `details` say otherwise.
 */
export class PublishError extends RxforceError implements PublishErrorDetails {
  override readonly name = 'PublishError';
  /** Why it was not published. */
  readonly reason: PublishFailure;
  declare readonly eventId?: string;
  declare readonly problems?: readonly FieldProblem[];
  constructor(reason: PublishFailure, message: string, details?: PublishErrorDetails) {
    super('publish', message, { retriable: reason === 'unknown', ...details });
    this.reason = reason;
  }

  /** Whether the event is not on the topic for certain, or may be. */
  get outcome(): 'not-published' | 'unknown' {
    return this.reason === 'unknown' ? 'unknown' : 'not-published';
  }
}

/** What can go wrong with a managed subscription. */
export type ManagedSubscriptionErrorCode = Extract<RxforceErrorCode, 'managed-subscription' | 'commit-refused'>;

/**
 * A managed subscription does not exist, is stopped, or is in use elsewhere (`managed-subscription`); or the service did not
 * make its position durable (`commit-refused`, retriable unless `details` say otherwise: a later position may be taken).
 */
export class ManagedSubscriptionError extends RxforceError {
  override readonly name = 'ManagedSubscriptionError';
  constructor(code: ManagedSubscriptionErrorCode, message: string, details?: RxforceErrorDetails) {
    super(code, message, { retriable: code === 'commit-refused', ...details });
  }
}
