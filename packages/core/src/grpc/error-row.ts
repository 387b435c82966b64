import type { status, StatusObject } from '@grpc/grpc-js';
import type { PlainErrorCode } from '../model/errors.js';

/** What a call was for, to be named in its error. */
export interface CallContext {
  readonly endpoint: string;
  /** The proxy that it went by, as messages name it. */
  readonly proxy?: string | undefined;
  readonly topic?: string;
  readonly schemaId?: string;
  readonly replayId?: string;
}

/**
 * How a row is known. `recorded`: from the live service, status and code. `documented`: Salesforce's page "Pub/Sub API
 * Error Codes", which names no status. `grpc`: what the status means to gRPC, and what grpc-js gives it for.
 */
type Source = 'recorded' | 'documented' | 'grpc';

/** One kind of error. */
export interface Row {
  readonly source: Source;
  /** End of the service's error-code. */
  readonly serviceCode?: string;
  /** The gRPC status, for rows without an error-code. */
  readonly grpcStatus?: status;
  /** What the details say, where the status alone does not tell. */
  readonly details?: RegExp;
  readonly code: PlainErrorCode;
  readonly retriable: boolean;
  /** What happened and what to do. */
  readonly advice: (context: CallContext, ended: StatusObject) => string;
}
