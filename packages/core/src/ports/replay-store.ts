import type { PositionCorruptedError, PositionInUseError, ReplayStoreError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';

/** What a replay store rejects with. */
export type StoreError = ReplayStoreError | PositionCorruptedError | PositionInUseError;

/** Whose position it is. */
export interface PositionKey {
  /** The org's id, in its form of 15 characters. */
  readonly organizationId: string;
  /** The whole name of the topic. */
  readonly topic: string;
  /** The subscription's name: what tells the consumers of one topic apart. */
  readonly name: string;
}

/**
 * Where a subscription goes on: after a replay id; or, as long as there is none, with the events of that time, which is
 * the time of the first event that a subscription to `'latest'` was given.
 */
export type StreamPosition = ReplayId | Date;

/**
 * Keeps positions, so that another process continues where one has died. `load` and `save` of one key are never called
 * at the same time, and its positions are saved in order: a store that gives back what was saved last is right.
 *
 * Methods reject with a {@link StoreError} when they fail. A retriable one (`ReplayStoreError`, by default) may pass,
 * and the call is made again later. Anything else that they reject with, or throw, becomes the cause of a
 * `ReplayStoreError`.
 *
 * What a store resolves is checked, and never taken for something else. Replay ids and errors of another copy of the
 * package are accepted. A result (`Ok`, `Err`) is an error that cannot pass: ports resolved results once.
 */
export interface ReplayStore {
  /**
   * Reads a position: `undefined` only where none was ever saved. It rejects when it cannot read, and never resolves
   * `undefined` then: that would start the subscription at `from`, and lose the events before. A text, bytes, JSON or a
   * number is `position-corrupted`. `ReplayId.parse` reads what `ReplayId.toString` wrote.
   */
  load(key: PositionKey): Promise<StreamPosition | undefined>;
  /**
   * Makes a position durable, in place of the one before. It must survive a crash at any moment after this resolves.
   * What it resolves with does not matter, unless it says that nothing was saved. `false`, `null`, an `Error`, a result
   * and an Observable (which nobody subscribes to) are errors that cannot pass.
   *
   * @param fence - The fencing token of the lease that the subscription holds, where it has one: it grows with each
   * holder. A store that is shared by replicas remembers the largest, and rejects with a `PositionInUseError` for a
   * smaller one: its lease has passed to another replica.
   */
  save(key: PositionKey, position: StreamPosition, fence?: number): Promise<void>;
  /**
   * Where a store keeps a history: the newest position that was reached before a time, so that a subscription from that
   * time need not read all from the earliest event on. `undefined` where it knows none. Only a hint: a rejection counts
   * as none, and so does what is no replay id.
   */
  reachedBefore?(key: PositionKey, time: Date): Promise<ReplayId | undefined>;
  /**
   * Where a store can: keeps other processes from the position until it is released or this process dies. Called before
   * `load`. Rejects with a `PositionInUseError` when another process has it.
   */
  lock?(key: PositionKey): Promise<PositionLock>;
}

/** The sole right to a position. */
export interface PositionLock {
  /** Gives it up. If it rejects, the lock counts as given up all the same. */
  release(): Promise<void>;
}
