import type { SchedulerLike } from 'rxjs';

/**
 * Announces endings in a later timer turn. RxJS rethrows what a last handler throws from a timer that it starts during the
 * call, so that timer must come first: a turn announces only what had ended before the turn was asked for.
 */
export class Announcements {
  /** What to call for endings of this turn, and for those of an earlier one, which are due in the turn scheduled. */
  private fresh: (() => void)[] = [];
  private due: (() => void)[] = [];

  constructor(private readonly scheduler: SchedulerLike) {}

  /** Calls back in a later turn than this one. */
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

  /** A listener that throws must not keep the others from hearing. */
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
