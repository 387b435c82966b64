import { ErrorBase, hasErrorBrand, isOf, type RxforceErrorCode, type RxforceErrorDetails } from './error-base.js';
import {
  DeadLetterQueueError,
  EventLogError,
  LeaseError,
  PositionCorruptedError,
  PositionInUseError,
  ReplayStoreError,
  SinkError,
} from './port-errors.js';
import {
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
import {
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
import type { PublishError } from './publish-error.js';
import { reasonOf } from './answer.js';

/** An error that ended the events of one org. */
export interface OrgFailure<O extends string = string> {
  /** The name by which `mergeOrgs` knows the org. */
  readonly org: O;
  /** The error that its events ended with. An error from elsewhere is its `cause`. */
  readonly error: AnyRxforceError;
}

/**
 * The events of several orgs are over, and those of one or more ended with an error. Retriable where all of these
 * errors are.
 */
export class OrgsFailedError extends ErrorBase<'orgs-failed'> {
  static readonly is = isOf<OrgsFailedError>('orgs-failed');
  override readonly name = 'OrgsFailedError';
  override readonly code = 'orgs-failed';

  /** @param failures - Which orgs failed, in the order of their failures: at least one. */
  constructor(readonly failures: readonly [OrgFailure, ...OrgFailure[]]) {
    super(messageOf(failures), {
      cause: failures[0].error,
      retriable: failures.every(({ error }) => error.retriable),
    });
  }
}

function messageOf(failures: readonly OrgFailure[]): string {
  const each = failures.map(({ org, error }) => `${org}: ${error.message}`).join(' ');
  return `The events of all orgs are over, and those of ${failures.length} ended with an error. ${each}`;
}

/** The class of each code. */
const CLASSES = {
  configuration: ConfigurationError,
  'client-closed': ClientClosedError,
  authentication: AuthenticationError,
  connection: ConnectionError,
  'stream-ended': StreamEndedError,
  'topic-unavailable': TopicUnavailableError,
  'replay-id-invalid': ReplayIdInvalidError,
  throttled: ThrottledError,
  'limit-exceeded': LimitExceededError,
  protocol: ProtocolError,
  service: ServiceError,
  'schema-invalid': SchemaError,
  undecodable: DecodeError,
  'delivery-failed': DeliveryFailedError,
  'settled-early': SettledEarlyError,
  unheld: UnheldError,
  'stuck-delivery': StuckDeliveryError,
  'snapshot-too-slow': SnapshotTooSlowError,
  'replay-store': ReplayStoreError,
  'position-corrupted': PositionCorruptedError,
  'position-in-use': PositionInUseError,
  lease: LeaseError,
  'work-timeout': WorkTimeoutError,
  'change-mismatch': ChangeMismatchError,
  'dead-letter-queue': DeadLetterQueueError,
  sink: SinkError,
  'event-log': EventLogError,
  'managed-subscription': ManagedSubscriptionError,
  'commit-refused': CommitRefusedError,
} as const satisfies {
  readonly [C in PlainErrorCode]: new (message: string, details?: RxforceErrorDetails) => ErrorBase<C>;
};

/** The codes whose errors are made of a message and details. */
export type PlainErrorCode = Exclude<RxforceErrorCode, 'publish' | 'orgs-failed'>;

/** Every error of rxforce: a union, so that its `code` tells the class, and with it the fields. */
export type AnyRxforceError =
  | ConfigurationError
  | ClientClosedError
  | AuthenticationError
  | ConnectionError
  | StreamEndedError
  | TopicUnavailableError
  | ReplayIdInvalidError
  | ThrottledError
  | LimitExceededError
  | ProtocolError
  | ServiceError
  | SchemaError
  | DecodeError
  | DeliveryFailedError
  | SettledEarlyError
  | UnheldError
  | SnapshotTooSlowError
  | StuckDeliveryError
  | ReplayStoreError
  | PositionCorruptedError
  | PositionInUseError
  | LeaseError
  | WorkTimeoutError
  | ChangeMismatchError
  | DeadLetterQueueError
  | SinkError
  | EventLogError
  | PublishError
  | ManagedSubscriptionError
  | CommitRefusedError
  | OrgsFailedError;

/** Any error of rxforce: the union, so that `error.code === 'publish'` narrows to a {@link PublishError}. */
export type RxforceError = AnyRxforceError;

/** What `RxforceError` is beside the union: the class that all errors of rxforce are instances of. */
export type RxforceErrorClass = (abstract new (...args: never) => AnyRxforceError) & {
  readonly prototype: AnyRxforceError;
  /** Whether `value` is an error of rxforce, of this copy of the package or of another. */
  readonly is: (value: unknown) => value is AnyRxforceError;
  /** `value` itself where it is an error of rxforce; anything else becomes the cause of one, which is not retriable. */
  readonly from: (value: unknown) => AnyRxforceError;
};

/** The class that all errors of rxforce are instances of, with `is` and `from`. */
export const RxforceError = Object.assign(ErrorBase, {
  is: isRxforceError,
  from: (value: unknown): AnyRxforceError => {
    if (isRxforceError(value)) return value;
    const reason = reasonOf(value);
    return new ServiceError(`Something failed that rxforce does not know: ${reason}`, { cause: value });
  },
}) as RxforceErrorClass;

function isRxforceError(value: unknown): value is AnyRxforceError {
  return hasErrorBrand(value);
}

/** Makes the error of a code: for those who know what happened by its code. */
export function errorOf<C extends PlainErrorCode>(
  code: C,
  message: string,
  details?: RxforceErrorDetails,
): Extract<AnyRxforceError, { code: C }> {
  return new CLASSES[code](message, details) as Extract<AnyRxforceError, { code: C }>;
}
