import type { PositionKey } from './replay-store.js';

/**
 * Makes a subscription active on one replica at a time.
 *
 * Methods reject with a `LeaseError` when the service behind the lease fails. A retriable one (the default) may pass,
 * and the call is made again later. Anything else that they reject with, or throw, becomes the cause of a `LeaseError`.
 * What they resolve is checked: what is no lease is an error that cannot pass.
 */
export interface Lease {
  /**
   * How long the lease is held without being renewed, in milliseconds, counted from when the service gave it. Its
   * holder counts from before the call, so it lets go sooner.
   */
  readonly ttlMs: number;
  /** Tries to get the lease, once: `undefined` while somebody else has it. */
  acquire(key: PositionKey): Promise<HeldLease | undefined>;
}

/** The right to be active, for a while. */
export interface HeldLease {
  /** Larger than that of every holder before: what is saved with a smaller one is refused. A whole number. */
  readonly token: number;
  /** Holds it for `ttlMs` again, from now on: `false` where it is lost. */
  renew(): Promise<boolean>;
  /** Gives it up. If it rejects, the lease counts as given up all the same. */
  release(): Promise<void>;
}
