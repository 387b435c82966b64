import type { EventLog, Lease, LogInfo, Membership, ReplayStore } from '@rxforce/core';
import type { DeadLetterQueue } from '@rxforce/dead-letters';

/** A log that can be looked for. */
export interface EngineLog extends EventLog {
  /** What is there of it; `undefined` where it was never opened. It makes none. */
  find(): Promise<LogInfo | undefined>;
}

/** What is made with the first write may say whether it is there, without making it. */
export interface CanBeLookedFor {
  isThere?(): Promise<boolean>;
}

/**
 * What several processes share: positions, leases, a log, and who is there. Nothing is connected before it is called.
 */
export interface Engine {
  /** For people. */
  readonly name: string;
  /** Opens the positions. */
  store(): ReplayStore & CanBeLookedFor;
  /** Opens the leases; `undefined` where the configuration wants none. */
  lease(): (Lease & CanBeLookedFor) | undefined;
  /** Opens the log between readers and workers; `undefined` where the configuration has none. */
  log(): EngineLog | undefined;
  /** Opens the members of each group of workers. */
  membership(): Membership;
  /** Opens the dead letters of a label. Without it, they are files. */
  readonly deadLetters?: (label: string) => DeadLetterQueue;
  /** Closes all that it has opened. */
  close(): Promise<void>;
}
