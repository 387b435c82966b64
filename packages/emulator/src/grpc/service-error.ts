import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { Refusal, RefusalReason } from '../model/refusal.js';
import type { Method } from './methods.js';

/** The prefix of all the service's error codes. */
export const ERROR_CODE_PREFIX = 'sfdc.platform.eventbus.grpc.';
/** Longest message: it may quote the client's input, and trailers that are too long end the whole connection. */
const MAX_MESSAGE_LENGTH = 1000;

/** The call that an error ends. */
export interface CallIdentity {
  /** The id of the call. */
  readonly rpcId: string;
  readonly method: Method;
}

/** The status, and the code without the prefix. */
type WireError = readonly [status: status, code: string];

/** An error that was requested, not decided by the service. */
export interface Failure {
  readonly status: status;
  /**
   * The code without the prefix. When it is `undefined`, the error has no trailers of the service, like an error of a
   * proxy.
   */
  readonly errorCode: string | undefined;
  /** The message for the client. */
  readonly message: string;
}

const {
  ALREADY_EXISTS,
  CANCELLED,
  DEADLINE_EXCEEDED,
  FAILED_PRECONDITION,
  INVALID_ARGUMENT,
  NOT_FOUND,
  PERMISSION_DENIED,
  UNAUTHENTICATED,
  UNAVAILABLE,
} = status;

/**
 * How each refusal looks on the wire. The service answers an unknown topic with PERMISSION_DENIED, not NOT_FOUND. The
 * codes of `topic-unknown`, `topic-not-publishable`, `schema-unknown`, `managed-mismatch` and `managed-idle` are our
 * guess at what the live service does, and so are the statuses of `headers-invalid`, `topic-blank` and
 * `service-unavailable`, which was recorded with INTERNAL and is said here by a server that goes down. Of publishing
 * and managed subscriptions, the status of `publish-idle`, `managed-already-active` and `managed-idle` is known; that
 * of all others is a guess. `docs/guides/emulator-service.md` lists all guesses.
 */
const WIRE_ERRORS: Readonly<Record<RefusalReason, WireError>> = {
  'not-authenticated': [UNAUTHENTICATED, 'service.auth.error'],
  'headers-invalid': [UNAUTHENTICATED, 'service.auth.headers.invalid'],
  'topic-blank': [INVALID_ARGUMENT, 'topic.validation.empty'],
  'topic-unknown': [PERMISSION_DENIED, 'topic.not.found'],
  'topic-mismatch': [INVALID_ARGUMENT, 'subscription.fetch.topic.mismatch'],
  'topic-not-publishable': [PERMISSION_DENIED, 'publish.topic.cannot.publish'],
  'requested-events-invalid': [INVALID_ARGUMENT, 'subscription.fetch.requested.events.invalid'],
  'replay-id-missing': [INVALID_ARGUMENT, 'subscription.fetch.replayid.validation.failed'],
  'replay-id-invalid': [INVALID_ARGUMENT, 'subscription.fetch.replayid.corrupted'],
  'schema-id-blank': [INVALID_ARGUMENT, 'schema.validation.failed'],
  'schema-unknown': [NOT_FOUND, 'schema.not.found'],
  'publish-count-invalid': [INVALID_ARGUMENT, 'publish.event.count.invalid'],
  'publish-topic-blank': [INVALID_ARGUMENT, 'publish.topic.validation.empty'],
  'publish-topic-mismatch': [INVALID_ARGUMENT, 'publish.topic.mismatch'],
  'publish-idle': [CANCELLED, 'publish.stream.sweeper.timeout'],
  'managed-name-invalid': [INVALID_ARGUMENT, 'managed.subscription.id.or.developer.name.empty'],
  'managed-name-unknown': [NOT_FOUND, 'managed.subscription.developer.name.not.found'],
  'managed-id-invalid': [INVALID_ARGUMENT, 'managed.subscription.subscription.id.invalid'],
  'managed-id-unknown': [NOT_FOUND, 'managed.subscription.subscription.id.not.found'],
  'managed-events-invalid': [INVALID_ARGUMENT, 'managed.subscription.fetch.request.events.invalid'],
  'managed-request-empty': [INVALID_ARGUMENT, 'managed.subscription.fetch.request.invalid'],
  'managed-commit-restricted': [INVALID_ARGUMENT, 'managed.subscription.fetch.request.commit.request.restricted'],
  'managed-mismatch': [INVALID_ARGUMENT, 'managed.subscription.mismatch'],
  'managed-already-active': [ALREADY_EXISTS, 'managed.subscription.already.active'],
  'managed-stopped': [FAILED_PRECONDITION, 'managed.subscription.config.stopped'],
  'managed-deleted': [NOT_FOUND, 'managed.subscription.config.deleted'],
  'managed-idle': [DEADLINE_EXCEEDED, 'managed.subscription.commit.timeout'],
  'service-unavailable': [UNAVAILABLE, 'service.unavailable'],
};

/**
 * The one place that makes the service's errors: a gRPC status whose trailers carry `error-code`, `rpc-id` and `type`,
 * which is the name of the method, and whose details end with the id of the call.
 */
export function serviceError(error: Refusal | Failure, { rpcId, method }: CallIdentity): Partial<StatusObject> {
  const { status: code, errorCode, message } = 'reason' in error ? failureOf(error) : error;
  const metadata = new Metadata();
  if (errorCode === undefined) return { code, details: sendable(message), metadata };
  metadata.set('error-code', ERROR_CODE_PREFIX + errorCode);
  metadata.set('rpc-id', rpcId);
  metadata.set('type', method);
  return { code, details: `${sendable(message)} rpcId: ${rpcId}`, metadata };
}

function failureOf({ reason, message }: Refusal): Failure {
  const [code, errorCode] = WIRE_ERRORS[reason];
  return { status: code, errorCode, message };
}

/** Cuts a message to the longest length, without half characters, which gRPC cannot send. */
function sendable(message: string): string {
  return Buffer.from(message.slice(0, MAX_MESSAGE_LENGTH)).toString();
}
