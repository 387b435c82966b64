import type { RxforceError, RxforceErrorCode } from '../model/errors.js';

/** The service's own words that it took nothing. They come behind the answers to all that it did take. */
const REFUSALS: readonly RxforceErrorCode[] = [
  'authentication',
  'throttled',
  'limit-exceeded',
  'topic-unavailable',
  'protocol',
  'stream-ended',
];

/** Where there was no call, these say why: a login failed. */
const BEFORE_THE_CALL: readonly RxforceErrorCode[] = ['authentication', 'connection'];

/** Whether nothing can have come of what a failed call carried and did not answer: sending it again publishes it once. */
export function tookNothing({ code, grpcStatus, neverSent }: RxforceError): boolean {
  if (grpcStatus === undefined) return BEFORE_THE_CALL.includes(code);
  return neverSent === true || REFUSALS.includes(code);
}
