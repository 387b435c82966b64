import { kindOf, quietly, resultOf } from '../model/answer.js';
import { LeaseError, RxforceError } from '../model/errors.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { HeldLease } from './lease.js';

/** What `acquire` gave: `undefined` while somebody else has the lease. */
export function acquiredAnswer(answer: unknown): Result<HeldLease | undefined, LeaseError> {
  const expected = 'Ok({ token, renew, release }), Ok(undefined) while somebody else has the lease,';
  const result = resultOf(answer);
  if (result === undefined) return Err(misanswered('acquire', expected, kindOf(answer)));
  if (result.err) return Err(leaseFailed(result.val));
  if (result.val === undefined || result.val === null) return Ok(undefined);
  const held = result.val as HeldLease;
  if (isHeldLease(held)) return Ok(held);
  // Others need not wait for its time to be over.
  void quietly(() => held.release());
  return Err(misanswered('acquire', expected, `Ok with ${kindOf(held)}`));
}

/** What `renew` gave. */
export function renewedAnswer(answer: unknown): Result<boolean, LeaseError> {
  const expected = 'Ok(true), Ok(false) where the lease is lost,';
  const result = resultOf(answer);
  if (result === undefined) return Err(misanswered('renew', expected, kindOf(answer)));
  if (result.err) return Err(leaseFailed(result.val));
  const { val } = result;
  return typeof val === 'boolean' ? Ok(val) : Err(misanswered('renew', expected, `Ok with ${kindOf(val)}`));
}

/** What a lease failed with, as the error that it should have been. */
export function leaseFailed(thrown: unknown): LeaseError {
  if (isLeaseError(thrown)) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new LeaseError(`The lease failed: ${reason}`, {
    cause: thrown,
    ...(RxforceError.is(thrown) && { retriable: thrown.retriable }),
  });
}

/** By its code: it may be of another copy of the package. */
function isLeaseError(thrown: unknown): thrown is LeaseError {
  return RxforceError.is(thrown) && thrown.code === 'lease';
}

function isHeldLease({ token, renew, release }: Partial<HeldLease>): boolean {
  return typeof renew === 'function' && typeof release === 'function' && Number.isSafeInteger(token);
}

/** A defect of the lease: the same call would be answered as badly again. */
function misanswered(method: string, expected: string, given: string): LeaseError {
  return new LeaseError(
    `${method}() of the lease resolved with ${given}, but must resolve with ${expected} or Err(new LeaseError(…)). Mend the ` +
      'lease.',
    { retriable: false },
  );
}
