import type { SchedulerLike } from 'rxjs';
import { monotonicNow } from '../model/monotonic.js';
import type { Logger } from '../ports/logger.js';

/** How long a warning of one partition stands for those of the others, in milliseconds. */
const STANDS_MS = 60_000;
/** Most warnings that are remembered. */
const MOST = 100;

/** A logger for the partitions of topics: what one of them warns of, the others do not say again within a minute. */
export function onceForAll(logger: Logger, scheduler: SchedulerLike): Logger {
  const said = new Map<string, number>();
  return {
    warn: (message) => {
      const now = monotonicNow(scheduler);
      const key = message.replace(/\d+/g, '');
      if (now - (said.get(key) ?? -Infinity) < STANDS_MS) return;
      if (said.size >= MOST) said.clear();
      said.set(key, now);
      logger.warn(message);
    },
  };
}
