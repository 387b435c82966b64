/** Why a call to an engine, such as Redis, failed. */
export interface EngineFailure {
  /** What happened, and what to do, in sentences that may follow "… failed: ". */
  readonly reason: string;
  /** Whether the same call may succeed later, unchanged. */
  readonly retriable: boolean;
  /** The thrown error, without its other members. */
  readonly cause: unknown;
}
