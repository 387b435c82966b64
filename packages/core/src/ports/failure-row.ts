import type { SchedulerLike } from 'rxjs';
import { monotonicNow } from '../model/monotonic.js';

/** How long nothing more is said of failures in a row, in milliseconds. */
const REMINDER_MS = 60_000;

/** How a failure of a row is counted. */
export interface FailureCount {
  /**
   * The attempt at which the row counts. Those that pass before are not said. A row of which something was said counts.
   */
  readonly firstAt?: number;
  /**
   * What failed: one of few, as each one is remembered. One kind of failure hides no other. Without a kind it says
   * nothing new, and each other failure hides it.
   */
  readonly kind?: string | undefined;
}

/**
 * Says which failures of a row a log needs: the one at which a row counts, the first one of another kind, and one of
 * each kind every 60 s while it goes on. So a log shows that something is away for as long as it is.
 */
export class FailureRow {
  private readonly saidAt = new Map<string, number>();

  constructor(private readonly scheduler: SchedulerLike) {}

  /**
   * Whether this failure is to be said. If so, it counts as said.
   *
   * @param attempt - How many calls have failed in a row, from 1.
   */
  isDue(attempt: number, { firstAt = 1, kind }: FailureCount = {}): boolean {
    if (attempt === 1) this.saidAt.clear();
    if (attempt < firstAt && this.saidAt.size === 0) return false;
    const now = monotonicNow(this.scheduler);
    if (now - this.lastSaidAt(kind) < REMINDER_MS) return false;
    this.saidAt.set(kind ?? '', now);
    return true;
  }

  private lastSaidAt(kind: string | undefined): number {
    if (kind === undefined) return Math.max(...this.saidAt.values());
    return this.saidAt.get(kind) ?? -Infinity;
  }
}
