/** The lease that a stream is read under. */
export interface HeldToken {
  readonly token: number;
  /**
   * Called when the work on the events is over, which may be later than their end: the lease is kept until then, so that it
   * still can be committed. Resolves when another replica may have it.
   */
  readonly over: () => Promise<void>;
  /** Called when a commit was refused, because somebody else has the lease. */
  readonly fenced: () => void;
}
