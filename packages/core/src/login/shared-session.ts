import type { RxforceError } from '../model/errors.js';
import { openedSession } from '../ports/session-answer.js';
import type { OrgSession, SessionProvider, SharedSession } from '../ports/session-provider.js';
import type { LoginOutcome } from '../ports/status.js';
import { RenewalPace } from './renewal-pace.js';

/**
 * How long before its known end a session is renewed, in milliseconds. A short session is renewed at nine tenths of its
 * life.
 */
const RENEWAL_MS = 60_000;
/** No session is renewed sooner after its login, whatever its provider says of its end, in milliseconds. */
const LEAST_LIFE_MS = 2_000;
/** The interval of warnings about new sessions that are refused, in milliseconds. */
const WARN_EVERY_MS = 30_000;

/**
 * Shares the sessions that a provider opens: one login at a time, however many calls wait for it. A session is opened
 * anew once it was refused, with a pause where that does not help, or shortly before its end, where that is known. A
 * failed login is not remembered: the next call tries again.
 *
 * @param now - The clock, in epoch milliseconds.
 * @param warn - Called when the service refuses new sessions, at most once in 30 seconds.
 * @param told - Called after each login.
 */
export function sharedSession(
  provider: SessionProvider,
  now: () => number = Date.now,
  warn: (message: string) => void = () => undefined,
  told: (login: LoginOutcome) => void = () => undefined,
): SharedSession {
  return new OneSession(provider, { now, warn, told });
}

/** What a shared session reports, and its clock. */
interface SessionReports {
  readonly now: () => number;
  readonly warn: (message: string) => void;
  readonly told: (login: LoginOutcome) => void;
}

class OneSession implements SharedSession {
  private readonly pace = new RenewalPace();
  private opening: Promise<OrgSession> | undefined;
  private opened: OrgSession | undefined;
  private renewAt = Infinity;
  private warnedAt = -Infinity;

  constructor(
    private readonly provider: SessionProvider,
    private readonly listener: SessionReports,
  ) {}

  current(): Promise<OrgSession> {
    if (this.opened && this.listener.now() >= this.renewAt) this.forget();
    return (this.opening ??= this.login());
  }

  accepted(session: OrgSession): void {
    if (session === this.opened) this.pace.accepted();
  }

  refused(session: OrgSession): void {
    if (session !== this.opened) return;
    if (this.pace.refused(this.listener.now())) this.forget();
    else this.warnOfNew();
  }

  private async login(): Promise<OrgSession> {
    const { now, told } = this.listener;
    const startedAt = now();
    const begunAt = performance.now();
    const tell = (cause?: unknown) =>
      told({ ok: cause === undefined, tookMs: performance.now() - begunAt, cause: cause as RxforceError | undefined });
    try {
      const session = openedSession(await this.provider.open(), startedAt);
      this.opened = session;
      this.renewAt = renewalOf(session, startedAt);
      this.pace.opened(now());
      tell();
      return session;
    } catch (error) {
      this.forget();
      tell(error);
      throw error;
    }
  }

  private forget(): void {
    this.opening = undefined;
    this.opened = undefined;
  }

  private warnOfNew(): void {
    const { now, warn } = this.listener;
    if (Math.abs(now() - this.warnedAt) < WARN_EVERY_MS) return;
    this.warnedAt = now();
    warn(refusedNew(this.pace.ageMs(now()), this.pace.leastAgeMs));
  }
}

function renewalOf({ expiresAt = Infinity }: OrgSession, startedAt: number): number {
  const renewAt = expiresAt - Math.min(RENEWAL_MS, (expiresAt - startedAt) / 10);
  return Math.max(renewAt, startedAt + LEAST_LIFE_MS);
}

function refusedNew(ageMs: number, leastAgeMs: number): string {
  return (
    `The service refuses a session that was opened ${ageMs} ms ago, by a login that succeeded. Calls are tried again with it; it ` +
    `is renewed where it is still refused ${leastAgeMs} ms after its login. If that goes on, check that the org, the instance ` +
    'URL and the access token belong together, and the status of Salesforce.'
  );
}
