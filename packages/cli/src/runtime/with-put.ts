import type { DeadLetterQueue } from '@rxforce/dead-letters';

/** The same queue, with another way to put letters into it. */
export function withPut(queue: DeadLetterQueue, put: DeadLetterQueue['put']): DeadLetterQueue {
  return {
    put,
    list: () => queue.list(),
    take: (options) => queue.take(options),
    release: (ids) => queue.release(ids),
    remove: (ids) => queue.remove(ids),
    purge: (failedBefore) => queue.purge(failedBefore),
    depth: () => queue.depth(),
  };
}
