/** The lease that a stream is read under. */
export interface HeldToken {
  readonly token: number;
  /** Whether the lease is still held. Work under a lost one must not begin: another replica may be ahead of it. */
  readonly isHeld: () => boolean;
  /**
   * Called when the work on the events is over, which may be after the end of the events. The lease is kept until then,
   * so that the work can still be committed. Resolves when another replica may have the lease.
   */
  readonly over: () => Promise<void>;
  /** Called when a commit was refused, because somebody else has the lease. */
  readonly fenced: () => void;
}
