import { errorIn, isResult, kindOf, quietly, reasonOf } from '../model/answer.js';
import { LeaseError, RxforceError } from '../model/errors.js';
import type { HeldLease } from './lease.js';

/**
 * Checks the answer of `acquire`. `undefined` while somebody else has the lease.
 *
 * @throws `LeaseError` when it is no lease that can be kept. Where it can be released, it is.
 */
export function acquiredAnswer(answer: unknown): HeldLease | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (isHeldLease(answer)) return answer;
  const held = (isResult(answer) ? answer.val : answer) as HeldLease;
  // Others need not wait for its time to be over.
  void quietly(() => held.release());
  throw misanswered('acquire', '{ token, renew, release }, or undefined while somebody else has the lease', answer);
}

/**
 * Checks the answer of `renew`: whether the lease is still held.
 *
 * @throws `LeaseError` when it says neither.
 */
export function renewedAnswer(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  throw misanswered('renew', 'true, or false where the lease is lost', answer);
}

/** Turns the rejection of a lease into the error that it should have been. */
export function leaseFailed(thrown: unknown): LeaseError {
  if (isLeaseError(thrown)) return thrown;
  return new LeaseError(`The lease failed: ${reasonOf(thrown)}`, {
    cause: thrown,
    ...(RxforceError.is(thrown) && { retriable: thrown.retriable }),
  });
}

/** By its code: it may be of another copy of the package. */
function isLeaseError(thrown: unknown): thrown is LeaseError {
  return RxforceError.is(thrown) && thrown.code === 'lease';
}

function isHeldLease(value: unknown): value is HeldLease {
  const { token, renew, release } = value as Partial<HeldLease>;
  return typeof renew === 'function' && typeof release === 'function' && Number.isSafeInteger(token);
}

/** A defect of the lease: the same call would be answered as badly again. */
function misanswered(method: string, expected: string, answer: unknown): LeaseError {
  return new LeaseError(
    `${method}() of the lease resolved with ${kindOf(answer)}, but must resolve with ${expected}, and reject with a ` +
      `LeaseError where it fails.${isResult(answer) ? ' Results are of an older contract.' : ''} Correct the lease.`,
    { retriable: false, cause: errorIn(answer) },
  );
}
