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

interface WireError {
  readonly status: status;
  /** Without the prefix. */
  readonly code: string;
}

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

/**
 * How each refusal looks on the wire. The service answers an unknown topic with PERMISSION_DENIED, not NOT_FOUND. The
 * codes of `topic-unknown`, `topic-not-publishable`, `schema-unknown`, `managed-mismatch` and `managed-idle` are our
 * guess at what the live service does, and so are the statuses of `headers-invalid`, `topic-blank` and
 * `service-unavailable`, which was recorded with INTERNAL and is said here by a server that goes down. Of publishing
 * and managed subscriptions, the status of `publish-idle`, `managed-already-active` and `managed-idle` is known; that
 * of all others is a guess. `docs/guides/emulator-service.md` lists all guesses.
 */
const WIRE_ERRORS: Readonly<Record<RefusalReason, WireError>> = {
  'not-authenticated': { status: status.UNAUTHENTICATED, code: 'service.auth.error' },
  'headers-invalid': { status: status.UNAUTHENTICATED, code: 'service.auth.headers.invalid' },
  'topic-blank': { status: status.INVALID_ARGUMENT, code: 'topic.validation.empty' },
  'topic-unknown': { status: status.PERMISSION_DENIED, code: 'topic.not.found' },
  'topic-mismatch': { status: status.INVALID_ARGUMENT, code: 'subscription.fetch.topic.mismatch' },
  'topic-not-publishable': { status: status.PERMISSION_DENIED, code: 'publish.topic.cannot.publish' },
  'requested-events-invalid': {
    status: status.INVALID_ARGUMENT,
    code: 'subscription.fetch.requested.events.invalid',
  },
  'replay-id-missing': { status: status.INVALID_ARGUMENT, code: 'subscription.fetch.replayid.validation.failed' },
  'replay-id-invalid': { status: status.INVALID_ARGUMENT, code: 'subscription.fetch.replayid.corrupted' },
  'schema-id-blank': { status: status.INVALID_ARGUMENT, code: 'schema.validation.failed' },
  'schema-unknown': { status: status.NOT_FOUND, code: 'schema.not.found' },
  'publish-count-invalid': { status: status.INVALID_ARGUMENT, code: 'publish.event.count.invalid' },
  'publish-topic-blank': { status: status.INVALID_ARGUMENT, code: 'publish.topic.validation.empty' },
  'publish-topic-mismatch': { status: status.INVALID_ARGUMENT, code: 'publish.topic.mismatch' },
  'publish-idle': { status: status.CANCELLED, code: 'publish.stream.sweeper.timeout' },
  'managed-name-invalid': {
    status: status.INVALID_ARGUMENT,
    code: 'managed.subscription.id.or.developer.name.empty',
  },
  'managed-name-unknown': { status: status.NOT_FOUND, code: 'managed.subscription.developer.name.not.found' },
  'managed-id-invalid': { status: status.INVALID_ARGUMENT, code: 'managed.subscription.subscription.id.invalid' },
  'managed-id-unknown': { status: status.NOT_FOUND, code: 'managed.subscription.subscription.id.not.found' },
  'managed-events-invalid': {
    status: status.INVALID_ARGUMENT,
    code: 'managed.subscription.fetch.request.events.invalid',
  },
  'managed-request-empty': { status: status.INVALID_ARGUMENT, code: 'managed.subscription.fetch.request.invalid' },
  'managed-commit-restricted': {
    status: status.INVALID_ARGUMENT,
    code: 'managed.subscription.fetch.request.commit.request.restricted',
  },
  'managed-mismatch': { status: status.INVALID_ARGUMENT, code: 'managed.subscription.mismatch' },
  'managed-already-active': { status: status.ALREADY_EXISTS, code: 'managed.subscription.already.active' },
  'managed-stopped': { status: status.FAILED_PRECONDITION, code: 'managed.subscription.config.stopped' },
  'managed-deleted': { status: status.NOT_FOUND, code: 'managed.subscription.config.deleted' },
  'managed-idle': { status: status.DEADLINE_EXCEEDED, code: 'managed.subscription.commit.timeout' },
  'service-unavailable': { status: status.UNAVAILABLE, code: 'service.unavailable' },
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
  const { status: code, code: errorCode } = WIRE_ERRORS[reason];
  return { status: code, errorCode, message };
}

/** Cuts a message to the longest length, without half characters, which gRPC cannot send. */
function sendable(message: string): string {
  return Buffer.from(message.slice(0, MAX_MESSAGE_LENGTH)).toString();
}
