import type { PositionKey } from './replay-store.js';

/**
 * Makes a subscription active on one replica at a time.
 *
 * Methods reject with a `LeaseError` when the service behind the lease fails. A retriable error (the default) may pass,
 * and the call is made again later. Any other error that they reject with or throw becomes the cause of a `LeaseError`.
 * The resolved value is checked: a value that is no lease is an error that cannot pass.
 */
export interface Lease {
  /**
   * How long the lease is held without a renewal, in milliseconds, counted from the moment when the service gave it.
   * Its holder counts from before the call, so it lets go sooner.
   */
  readonly ttlMs: number;
  /** Tries once to acquire the lease. Resolves `undefined` while somebody else has it. */
  acquire(key: PositionKey): Promise<HeldLease | undefined>;
}

/** The right to be active, for a while. */
export interface HeldLease {
  /** A whole number, larger than the token of every earlier holder. A store refuses a position with a smaller token. */
  readonly token: number;
  /** Holds the lease for `ttlMs` again, from now on. Resolves `false` where it is lost. */
  renew(): Promise<boolean>;
  /** Gives the lease up. If it rejects, the lease counts as given up all the same. */
  release(): Promise<void>;
}
