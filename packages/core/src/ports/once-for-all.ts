import type { SchedulerLike } from 'rxjs';
import { monotonicNow } from '../model/monotonic.js';
import type { Logger } from './logger.js';

/** How long a warning of one call or partition stands for those of the others, in milliseconds. */
const STANDS_MS = 60_000;
/** Most warnings that are remembered. */
const MOST = 100;

/** A logger for several calls, or partitions of a topic: what one of them warns of, none says again within a minute. */
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
