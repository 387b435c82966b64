import type { EventLog } from '@rxforce/core';

/** What keeps the log, the leases and the positions, for suites that run readers and workers on it. */
export interface WorkersEngine {
  /** Such as `Redis`. */
  readonly name: string;
  /** The script of a process, which gives its parts to `runWorkerProcess`. */
  readonly script: URL;
  start(): Promise<StartedEngine>;
}

/** An engine that runs. */
export interface StartedEngine {
  /** Where processes find it. */
  readonly address: string;
  /** Another log over the same data, for looking in. */
  log(name: string): Promise<EventLog>;
  /** What it has, line by line: who holds which lease, and which positions there are. */
  describe(): Promise<readonly string[]>;
  /** Kills it and starts it again. Only for one that then has all that it had. */
  restart?(): Promise<void>;
  stop(): Promise<void>;
}
