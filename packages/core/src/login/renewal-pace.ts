/**
 * A session that nothing has worked with, and that followed one that was refused, is not given up before this age, in
 * milliseconds: a service may not know it yet.
 */
const LEAST_AGE_MS = 2_000;
/** That age is doubled from session to session, up to this one, in milliseconds. */
const MOST_AGE_MS = 60_000;
/** A session that is refused at this age or later has expired, as sessions do, in milliseconds. */
const LASTING_MS = 600_000;
/** As many sessions in a row may be short-lived, and are renewed at once where they have worked. */
const FREE_RENEWALS = 5;

/**
 * Says when a session that is refused is to be renewed: at once, as a rule; but a service that refuses whatever it is given must
 * not make a login of each refusal. Pure.
 */
export class RenewalPace {
  private openedAt = 0;
  private hasWorked = false;
  /** Sessions in a row that were refused soon. */
  private shortLived = 0;

  /** @param now - In epoch milliseconds. */
  opened(now: number): void {
    this.openedAt = now;
    this.hasWorked = false;
  }

  /** The service took a call with the session. */
  accepted(): void {
    this.hasWorked = true;
  }

  /** How old the session must be to be renewed, in milliseconds. */
  get leastAgeMs(): number {
    const free = this.hasWorked ? FREE_RENEWALS : 1;
    if (this.shortLived < free) return 0;
    return Math.min(MOST_AGE_MS, LEAST_AGE_MS * 2 ** (this.shortLived - free));
  }

  /** How old the session is, in milliseconds. */
  ageMs(now: number): number {
    // A clock may have been set back.
    this.openedAt = Math.min(this.openedAt, now);
    return now - this.openedAt;
  }

  /** The session was refused. @returns Whether to renew it. */
  refused(now: number): boolean {
    const ageMs = this.ageMs(now);
    if (ageMs < this.leastAgeMs) return false;
    this.shortLived = ageMs < LASTING_MS ? this.shortLived + 1 : 0;
    return true;
  }
}
