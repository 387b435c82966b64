import { status } from '@grpc/grpc-js';
import { ERROR_CODE_PREFIX, type Failure } from '../grpc/service-error.js';
import { type Checks, optional, text, wrong } from '../model/option-checks.js';

/** An error that clients get. */
export interface FaultError {
  /** The gRPC status, by number or name; any but OK. */
  readonly status: number | keyof typeof status;
  /**
   * The service's code without its prefix, such as `service.unavailable`: the trailers carry it, with `rpc-id` and
   * `type`, and the details end with the id of the call.
   *
   * @defaultValue None: no trailers, as in an error that comes not from the service but from something on the way to
   * it.
   */
  readonly errorCode?: string;
  /**
   * The text of the error.
   *
   * @defaultValue A text that says that this is a fault on command.
   */
  readonly details?: string;
}

/** How the parts of a {@link FaultError} are read. */
export const FAULT_ERROR: Checks<FaultError> = {
  status: readStatus,
  errorCode: optional(readErrorCode),
  details: optional(text),
};

/** The error, as it is sent. */
export function failureOf({ status: named, errorCode, details = 'A fault on command.' }: FaultError): Failure {
  const name = typeof named === 'number' ? status[named] : named;
  return { status: status[name as keyof typeof status], errorCode, message: details };
}

function readStatus(path: string, value: unknown): FaultError['status'] {
  const name = typeof value === 'number' ? status[value] : value;
  if (typeof name !== 'string' || name === 'OK' || !Object.hasOwn(status, name) || /^\d/.test(name)) {
    throw wrong(path, 'a gRPC status other than OK, by number or name', value);
  }
  return value as FaultError['status'];
}

function readErrorCode(path: string, value: unknown): string {
  const code = text(path, value);
  if (!/^[\w.-]+$/.test(code) || code.startsWith(ERROR_CODE_PREFIX)) {
    throw wrong(path, 'an error code without its prefix, such as service.unavailable', value);
  }
  return code;
}
