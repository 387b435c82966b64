import type { SchedulerLike } from 'rxjs';
import { monotonicNow } from '../model/monotonic.js';
import type { Logger } from '../ports/logger.js';

/** How long nothing more is said of failures in a row, in milliseconds. */
const REMINDER_MS = 60_000;

/** Where warnings go, and the clock. */
interface WarningContext {
  readonly logger: Logger;
  readonly scheduler: SchedulerLike;
}

/**
 * Warns of calls that fail and are made again: when a row of failures begins, and every 60 s while it goes on. So a log
 * says that something is away for as long as it is.
 *
 * @param topic - What the warnings are about.
 */
export function rowWarnings(
  topic: string,
  { logger, scheduler }: WarningContext,
): (attempt: number, cause: Error) => void {
  let warnedAt = 0;
  return (attempt, { message }) => {
    const now = monotonicNow(scheduler);
    if (attempt > 1 && now - warnedAt < REMINDER_MS) return;
    warnedAt = now;
    logger.warn(`${topic}: ${message}${attempt > 1 ? ` It has failed ${attempt} times in a row.` : ''}`);
  };
}
