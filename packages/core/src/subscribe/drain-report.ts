import type { ReplayId } from '../model/replay-id.js';

/** How one subscription was drained. */
export interface DrainedSubscription {
  /** The whole name of the topic. */
  readonly topic: string;
  /** The position's name, or that of the managed subscription; `undefined` without a store. */
  readonly name: string | undefined;
  /** Events that were settled while it was drained. */
  readonly settled: number;
  /** Events delivered and not settled. They come again. More than 0 when work was not done in time, or was dropped. */
  readonly unsettled: number;
  /** Events settled whose position could not be saved in time. They come again, too. 0 without a store. */
  readonly uncommitted: number;
  /** The last position that this subscription made durable, where the next one continues. `undefined` without one. */
  readonly lastCommitted: ReplayId | undefined;
}

/** How a client was drained. */
export interface DrainReport {
  /** Events that were settled while it was drained. */
  readonly settled: number;
  /** Events delivered and not settled. They come again. More than 0 when work was not done in time, or was dropped. */
  readonly unsettled: number;
  /** Events settled whose position could not be saved in time. They come again, too. 0 without a store. */
  readonly uncommitted: number;
  /** All subscriptions that were open. */
  readonly subscriptions: readonly DrainedSubscription[];
}

/** Sums up the subscriptions. */
export function drainReport(subscriptions: readonly DrainedSubscription[]): DrainReport {
  const sum = (count: (subscription: DrainedSubscription) => number) =>
    subscriptions.reduce((total, subscription) => total + count(subscription), 0);
  return {
    settled: sum(({ settled }) => settled),
    unsettled: sum(({ unsettled }) => unsettled),
    uncommitted: sum(({ uncommitted }) => uncommitted),
    subscriptions,
  };
}
