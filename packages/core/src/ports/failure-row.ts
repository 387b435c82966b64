import type { SchedulerLike } from 'rxjs';
import { monotonicNow } from '../model/monotonic.js';

/** How long nothing more is said of failures in a row, in milliseconds. */
const REMINDER_MS = 60_000;

/**
 * Says which failures of a row a log needs: the one at which a row counts, and one every 60 s while it goes on. So a
 * log shows that something is away for as long as it is.
 */
export class FailureRow {
  private saidAt = -Infinity;

  constructor(private readonly scheduler: SchedulerLike) {}

  /**
   * Whether this failure is to be said. If so, it counts as said.
   *
   * @param attempt - How many calls have failed in a row, from 1.
   * @param firstAt - The attempt at which the row counts. Those that pass before are not said.
   */
  isDue(attempt: number, firstAt = 1): boolean {
    if (attempt === 1) this.saidAt = -Infinity;
    const now = monotonicNow(this.scheduler);
    if (attempt < firstAt || now - this.saidAt < REMINDER_MS) return false;
    this.saidAt = now;
    return true;
  }
}
