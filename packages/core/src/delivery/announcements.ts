import type { SchedulerLike } from 'rxjs';

/**
 * Announces endings in a later timer turn. When a last handler throws, RxJS rethrows the error from a timer that it
 * starts during the call. That timer must come first, so a turn announces only endings from before the turn was
 * scheduled.
 */
export class Announcements {
  /** The callbacks for endings of this turn, and for those of an earlier turn, which are due in the scheduled turn. */
  private fresh: (() => void)[] = [];
  private due: (() => void)[] = [];

  constructor(private readonly scheduler: SchedulerLike) {}

  /** Calls back in a later turn. */
  add(announce: () => void): void {
    this.fresh.push(announce);
    if (this.due.length === 0) this.schedule();
  }

  private schedule(): void {
    this.due = this.fresh;
    this.fresh = [];
    if (this.due.length === 0) return;
    this.scheduler.schedule(() => {
      const due = this.due;
      this.schedule();
      due.forEach((announce) => this.announce(announce));
    });
  }

  /** A listener that throws must not keep the others from being called. */
  private announce(announce: () => void): void {
    try {
      announce();
    } catch (error) {
      this.scheduler.schedule(() => {
        throw error;
      });
    }
  }
}
