import { RxforceError } from './errors.js';

/**
 * Whether the service refused a call because of its session. A refused login has no status of the service. Another
 * session would not help there, and another login may lock the user out.
 */
export function isRefusal(error: unknown): boolean {
  return RxforceError.is(error) && error.code === 'authentication' && error.grpcStatus !== undefined;
}
