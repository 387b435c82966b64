import type { PositionCorruptedError, PositionInUseError, ReplayStoreError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';

/** What a replay store rejects with. */
export type StoreError = ReplayStoreError | PositionCorruptedError | PositionInUseError;

/** The key of a position. */
export interface PositionKey {
  /** The org's id, in its form of 15 characters. For positions in an event log, the id of the log. */
  readonly organizationId: string;
  /** The whole name of the topic. In an event log, with the partition: `/data/AccountChangeEvent#7`. */
  readonly topic: string;
  /** The subscription's name, which tells the consumers of one topic apart. */
  readonly name: string;
}

/**
 * Where a subscription continues: after a replay id, or with the events of a time while there is no replay id yet. That
 * time is the one of the first event that a subscription to `'latest'` received.
 */
export type StreamPosition = ReplayId | Date;

/**
 * Keeps positions, so that another process continues where one has died. `load` and `save` of one key are never called
 * at the same time, and its positions are saved in order. So a store need only return the position that was saved last.
 *
 * Methods reject with a {@link StoreError} when they fail. A retriable error (`ReplayStoreError`, by default) may pass,
 * and the call is made again later. Any other error that they reject with or throw becomes the cause of a
 * `ReplayStoreError`.
 *
 * The value that a store resolves with is checked, and never taken for something else. Replay ids and errors of another
 * copy of the package are accepted. A result (`Ok`, `Err`) is an error that cannot pass: ports resolved results once.
 */
export interface ReplayStore {
  /**
   * Reads a position. It resolves `undefined` only where no position was ever saved. Where it cannot read, it rejects,
   * and never resolves `undefined`: that would start the subscription at `from`, and lose the events before. A text,
   * bytes, JSON or a number is `position-corrupted`. `ReplayId.parse` reads the text that `ReplayId.toString` wrote.
   */
  load(key: PositionKey): Promise<StreamPosition | undefined>;
  /**
   * Makes a position durable, in place of the one before. The position must survive a crash at any moment after this
   * resolves. The resolved value does not matter, unless it says that nothing was saved: `false`, `null`, an `Error`, a
   * result and an Observable (which nobody subscribes to) are errors that cannot pass.
   *
   * @param fence - The fencing token of the lease that the subscription holds, where it has one. The token grows with
   * each holder. A store that replicas share remembers the largest token, and rejects a smaller one with a
   * `PositionInUseError`: that lease has passed to another replica.
   */
  save(key: PositionKey, position: StreamPosition, fence?: number): Promise<void>;
  /**
   * For a store that keeps a history. Resolves the newest position that was reached before a time, or `undefined` where
   * it knows none. A subscription from that time then need not read everything from the earliest event on. It is only a
   * hint: a rejection counts as none, and so does a value that is no replay id.
   */
  reachedBefore?(key: PositionKey, time: Date): Promise<ReplayId | undefined>;
  /**
   * For a store that can lock. Keeps other processes from the position until the lock is released or this process dies.
   * Called before `load`. Rejects with a `PositionInUseError` when another process has the position.
   */
  lock?(key: PositionKey): Promise<PositionLock>;
  /**
   * For a store that can look through what it has. Resolves the keys of the positions that were saved, in no order.
   * Tools show them to people; subscriptions never ask. A damaged position may be left out.
   *
   * @param of - The parts that a key must have: those of one org, one topic or one name. Without it, all keys.
   */
  list?(of?: Partial<PositionKey>): Promise<readonly PositionKey[]>;
  /**
   * For a store that can forget. Removes a position, with all that the store knows of it: `load` then resolves
   * `undefined`, as where none was ever saved, also after a crash. It resolves where there is none, and removes a
   * damaged position, too. Tools call it for people, with the position locked where the store can lock; subscriptions
   * never do. Where the store's own lock of the position is lost, it rejects with a `PositionInUseError` and removes
   * nothing.
   */
  delete?(key: PositionKey): Promise<void>;
}

/** The sole right to a position. */
export interface PositionLock {
  /** Gives the position up. If it rejects, the lock counts as given up all the same. */
  release(): Promise<void>;
}
