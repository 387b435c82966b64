import type { RxforceError, RxforceErrorCode } from '../model/errors.js';

/** The service's errors that say that it took nothing. They come after the answers to everything that it did take. */
const REFUSALS: readonly RxforceErrorCode[] = [
  'authentication',
  'throttled',
  'limit-exceeded',
  'topic-unavailable',
  'protocol',
  'stream-ended',
];

/** The errors of a failed login, after which there was no call. */
const BEFORE_THE_CALL: readonly RxforceErrorCode[] = ['authentication', 'connection'];

/**
 * Whether the unanswered events of a failed call are certainly not published. Then sending them again publishes them
 * once.
 */
export function tookNothing({ code, grpcStatus, neverSent }: RxforceError): boolean {
  if (grpcStatus === undefined) return BEFORE_THE_CALL.includes(code);
  return neverSent === true || REFUSALS.includes(code);
}
