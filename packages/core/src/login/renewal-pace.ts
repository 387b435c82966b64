/** How long sessions that are refused when they are new are kept, each longer than the one before. */
interface Pace {
  /** As many in a row are renewed at once. */
  readonly free: number;
  /** The age that the next one must have to be renewed, in milliseconds. It doubles from one to the next. */
  readonly leastMs: number;
  /** The bound of that age, in milliseconds. */
  readonly mostMs: number;
}

/** Nothing has worked with the session, and it followed one that was refused: a service may not know it yet. */
const NEVER_WORKED: Pace = { free: 1, leastMs: 2_000, mostMs: 60_000 };

/**
 * The session has worked, so another one will work. A user may log in 3,600 times an hour, so one login in four seconds
 * can continue without end.
 */
const WORKED: Pace = { free: 10, leastMs: 1_000, mostMs: 4_000 };

/** With one session, some calls are accepted and others refused. Another session will not help. */
const PARTLY_REFUSED: Pace = { free: 5, leastMs: 1_000, mostMs: 60_000 };

/** A session that is refused at this age or later has expired, as sessions do, in milliseconds. */
const LASTING_MS = 600_000;

/**
 * Decides when a refused session is renewed. As a rule that is at once, but a service that refuses every session must
 * not cause a login for each refusal. Pure.
 */
export class RenewalPace {
  private openedAt = 0;
  /** What became of the calls with the session; `refused`: after some had been taken. */
  private state: 'new' | 'worked' | 'refused' | 'partly-refused' = 'new';
  /** Sessions in a row that were refused soon. */
  private shortLived = 0;

  /** @param now - In epoch milliseconds. */
  opened(now: number): void {
    this.openedAt = now;
    this.state = 'new';
  }

  /** The service took a call with the session. */
  accepted(): void {
    this.state = this.state === 'refused' || this.state === 'partly-refused' ? 'partly-refused' : 'worked';
  }

  /** How old the session must be to be renewed, in milliseconds. */
  get leastAgeMs(): number {
    const { free, leastMs, mostMs } = this.pace;
    if (this.shortLived < free) return 0;
    return Math.min(mostMs, leastMs * 2 ** (this.shortLived - free));
  }

  private get pace(): Pace {
    if (this.state === 'partly-refused') return PARTLY_REFUSED;
    return this.state === 'new' ? NEVER_WORKED : WORKED;
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
    if (ageMs < this.leastAgeMs) {
      if (this.state === 'worked') this.state = 'refused';
      return false;
    }
    this.shortLived = ageMs < LASTING_MS ? this.shortLived + 1 : 0;
    return true;
  }
}
