import type { status, StatusObject } from '@grpc/grpc-js';
import type { PlainErrorCode } from '../model/errors.js';

/** The context of a call, for its error. */
export interface CallContext {
  readonly endpoint: string;
  /** The proxy that it used, as messages name it. */
  readonly proxy?: string | undefined;
  readonly topic?: string;
  readonly schemaId?: string;
  readonly replayId?: string;
}

/**
 * The source of a row. `recorded`: from the live service, status and code. `documented`: Salesforce's page "Pub/Sub API
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
  /** Matches the details, where the status alone is not enough. */
  readonly details?: RegExp;
  readonly code: PlainErrorCode;
  readonly retriable: boolean;
  /** Says what happened and what to do. */
  readonly advice: (context: CallContext, ended: StatusObject) => string;
}
