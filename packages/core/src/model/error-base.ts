import { ERROR_BRAND, errorJson } from './json.js';
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
  /** The service does not know the replay id, or does not know it any more. */
  | 'replay-id-invalid'
  /** The service asks for less: too many connections or too many calls. */
  | 'throttled'
  /** An allocation of the org is used up, or its edition lacks the feature. */
  | 'limit-exceeded'
  /** The service refused a request that this client should not have made. */
  | 'protocol'
  /** Any other failure of the service. */
  | 'service'
  /** The events of all orgs are over, and those of one or more ended with an error. */
  | 'orgs-failed'
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
  /** Records were read for so long that the service soon drops the events since. */
  | 'snapshot-too-slow'
  /** A replay store cannot be reached, read or written for now. */
  | 'replay-store'
  /** A replay store holds something other than a position. */
  | 'position-corrupted'
  /** Another subscription or process uses this position. */
  | 'position-in-use'
  /** A lease cannot be acquired or renewed, for now or ever. */
  | 'lease'
  /** Work on an event took longer than its operator allows. */
  | 'work-timeout'
  /** A change does not fit the record that it was applied to. */
  | 'change-mismatch'
  /** A dead-letter queue cannot be reached, read or written. */
  | 'dead-letter-queue'
  /** Another system that events are written to cannot be reached, or refuses them. */
  | 'sink'
  /** An event log cannot be reached, read or written, or is not the one that is meant. */
  | 'event-log'
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
  /** Set where the call certainly never reached the service, and so had no effect. */
  readonly neverSent?: true;
}

/** What all errors of rxforce have. The message says what happened and what to do about it. */
export abstract class ErrorBase<
  C extends RxforceErrorCode = RxforceErrorCode,
  D extends RxforceErrorDetails = RxforceErrorDetails,
>
  extends Error
  implements RxforceErrorDetails
{
  /** The kind of error. Each kind has its class. */
  abstract readonly code: C;
  readonly retriable: boolean;
  declare readonly topic?: string;
  declare readonly replayId?: string;
  declare readonly schemaId?: string;
  declare readonly rpcId?: string;
  declare readonly serviceCode?: string;
  declare readonly grpcStatus?: number;
  declare readonly neverSent?: true;

  constructor(message: string, details?: D) {
    const { cause, retriable = false, ...rest }: RxforceErrorDetails = details ?? {};
    // Here, so that no text of a service or a peer can control a terminal, however it came into a message.
    super(plainText(message, MOST_CHARACTERS), cause === undefined ? undefined : { cause });
    this.retriable = retriable;
    Object.assign(this, rest, ofTheService(rest));
    Object.defineProperty(this, ERROR_BRAND, { value: true });
  }

  /**
   * Its form in JSON: name, message, code, `retriable`, its other fields, and the name, message and code of its causes.
   * The stack is left out. So are the other fields of causes from elsewhere, as they may be secrets.
   */
  toJSON(): Record<string, unknown> {
    return errorJson(this);
  }
}

/** Whether `value` is an error of rxforce, of this copy of the package or of another. */
export function hasErrorBrand(value: unknown): value is ErrorBase {
  return typeof value === 'object' && value !== null && ERROR_BRAND in value;
}

/**
 * Makes the `is` of a class of errors. The brand identifies an error of rxforce, and the code identifies its class.
 * Copies of the package agree on both.
 */
export function isOf<E extends ErrorBase>(code: E['code']): (value: unknown) => value is E {
  return (value): value is E => hasErrorBrand(value) && value.code === code;
}

/** Longer messages are cut. Quoted texts are cut earlier, so this is for cases that nobody thought of. */
const MOST_CHARACTERS = 4_000;

/** The service's own texts, which users quote to its support. */
function ofTheService({ rpcId, serviceCode, schemaId }: RxforceErrorDetails): Partial<RxforceErrorDetails> {
  return {
    ...(rpcId !== undefined && { rpcId: plainText(rpcId, MOST_OF_A_NAME) }),
    ...(serviceCode !== undefined && { serviceCode: plainText(serviceCode, MOST_OF_A_NAME) }),
    ...(schemaId !== undefined && { schemaId: plainText(schemaId, MOST_OF_A_NAME) }),
  };
}

const MOST_OF_A_NAME = 200;
