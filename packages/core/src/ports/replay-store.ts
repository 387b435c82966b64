import type { PositionCorruptedError, PositionInUseError, ReplayStoreError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { Result } from '../model/result.js';

/** What a replay store fails with. */
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
 * Keeps positions, so that another process goes on where one has died. `load` and `save` of one key are never called at
 * the same time, and its positions are saved in order: a store that gives back what was saved last is right.
 *
 * What a store cannot do is an `Err`: retriable (`replay-store`) while it may pass, and then the call is made again later.
 *
 * What a store gives is checked, and never taken for something else: no result at all is an error that cannot pass, and
 * nothing is overwritten then. Results and replay ids of another copy of their package are taken.
 */
export interface ReplayStore {
  /**
   * Reads a position: `undefined` only where none was ever saved. What cannot be read is an `Err`, never `undefined`:
   * that would start the subscription at the tip, and lose everything before. Neither is a text, bytes, JSON or a number:
   * such a value is `position-corrupted`. `ReplayId.parse` reads what `ReplayId.toString` wrote.
   */
  load(key: PositionKey): Promise<Result<StreamPosition | undefined, StoreError>>;
  /**
   * Makes a position durable, in place of the one before. It must survive a crash at any moment after this.
   *
   * @param fence - The fencing token of the lease that the subscription holds, where it has one: it grows with each holder. A
   * store that is shared by replicas remembers the largest, and answers `position-in-use` to a smaller one: its lease has
   * passed to somebody else.
   */
  save(key: PositionKey, position: StreamPosition, fence?: number): Promise<Result<void, StoreError>>;
  /**
   * Where a store keeps a history: the newest position that was reached before a time, so that a subscription from that time
   * need not read all from the earliest event on. `undefined` where it knows none. Only a hint: an `Err` counts as none, and so does what is no replay id.
   */
  reachedBefore?(key: PositionKey, time: Date): Promise<Result<ReplayId | undefined, StoreError>>;
  /**
   * Where a store can: keeps other processes from the position until it is released or this process dies. Called before
   * `load`; an `Err` with `position-in-use` when another process has it.
   */
  lock?(key: PositionKey): Promise<Result<PositionLock, StoreError>>;
}

/** The sole right to a position. */
export interface PositionLock {
  /** Gives it up. Never rejects; where it does all the same, the lock counts as given up. */
  release(): Promise<void>;
}
