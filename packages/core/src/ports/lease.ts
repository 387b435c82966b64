import type { LeaseError } from '../model/errors.js';
import type { Result } from '../model/result.js';
import type { PositionKey } from './replay-store.js';

/**
 * Makes a subscription active on one replica at a time. Methods resolve with an `Err` where the service behind it fails, and
 * never reject. What they resolve is checked: what is no result, or no lease, is an error that cannot pass.
 */
export interface Lease {
  /**
   * How long the lease is held without being renewed, in milliseconds, counted from when the service gave it. Who holds it
   * counts from before the call, so it lets go sooner.
   */
  readonly ttlMs: number;
  /** Tries to get the lease, once: `undefined` while somebody else has it. */
  acquire(key: PositionKey): Promise<Result<HeldLease | undefined, LeaseError>>;
}

/** The right to be active, for a while. */
export interface HeldLease {
  /** Larger than that of every holder before: what is saved with a smaller one is refused. */
  readonly token: number;
  /** Holds it for `ttlMs` again, from now on: `false` where it is lost. */
  renew(): Promise<Result<boolean, LeaseError>>;
  /** Gives it up. Never rejects; where it does all the same, the lease counts as given up. */
  release(): Promise<void>;
}
