import type { SchedulerLike } from 'rxjs';
import { FailureRow } from '../ports/failure-row.js';
import type { Logger } from '../ports/logger.js';

/** Where warnings go, and the clock. */
interface WarningContext {
  readonly logger: Logger;
  readonly scheduler: SchedulerLike;
}

/**
 * Warns of calls that fail and are made again: when a row of failures begins, and every 60 s while it goes on.
 *
 * @param topic - What the warnings are about.
 */
export function rowWarnings(
  topic: string,
  { logger, scheduler }: WarningContext,
): (attempt: number, cause: Error) => void {
  const row = new FailureRow(scheduler);
  return (attempt, { message }) => {
    if (!row.isDue(attempt)) return;
    logger.warn(`${topic}: ${message}${attempt > 1 ? ` It has failed ${attempt} times in a row.` : ''}`);
  };
}
