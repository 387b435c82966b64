import type { DeadLetterQueue } from '../dead-letter-queue.js';
import { CASES } from './dead-letter-queue-cases.js';
import { CASES_OF_VALUES } from './dead-letter-value-cases.js';

/** How to open the queues to test. */
export interface DeadLetterQueueContractOptions {
  /** Opens a queue that has no letters yet, and room for 2,000. Called once for each case. */
  readonly open: () => Promise<DeadLetterQueue> | DeadLetterQueue;
  /**
   * Opens another queue over the same letters, as another process would. Without it, the queue is assumed not to
   * outlive its object.
   */
  readonly reopen?: (queue: DeadLetterQueue) => Promise<DeadLetterQueue> | DeadLetterQueue;
  /** Called at the end of each case. */
  readonly dispose?: () => Promise<void> | void;
}

/** One behaviour of every dead-letter queue. */
export interface DeadLetterQueueContractCase {
  /** The behaviour and its condition. */
  readonly name: string;
  /** Rejects with an `AssertionError` when the queue behaves differently. */
  readonly run: () => Promise<void>;
}

/**
 * The behaviour of every dead-letter queue, as cases for any test runner:
 *
 * ```ts
 * for (const { name, run } of deadLetterQueueContract({ open: () => myQueue() })) it(name, run);
 * ```
 */
export function deadLetterQueueContract(
  options: DeadLetterQueueContractOptions,
): readonly DeadLetterQueueContractCase[] {
  const { open, reopen, dispose } = options;
  return Object.entries({ ...CASES, ...CASES_OF_VALUES }).map(([name, test]) => ({
    name,
    run: async () => {
      try {
        const queue = await open();
        await test({ queue, again: async () => (await reopen?.(queue)) ?? queue });
      } finally {
        await dispose?.();
      }
    },
  }));
}
