import type { SubscriptionPhase } from './subscription-state.js';

/** The states of a subscription that should read, and does not. */
const TROUBLED: ReadonlySet<SubscriptionPhase> = new Set(['connecting', 'waiting', 'failed']);

/** After a failure, a connection counts when it has lasted so long, in milliseconds. A service refuses at once. */
const TAKEN_MS = 3_000;

/** The service sends something within 270 s, if only a keepalive. One that did not does not answer. In milliseconds. */
const MUTE_MS = 280_000;

/**
 * Since when a subscription reads nothing although it should. On a quiet topic nothing comes for minutes, so a
 * connection counts as reading. After a failure it must last for a moment first. After a stream that brought nothing in
 * all the time in which a keepalive is due, only a response counts.
 */
export class ReadingWatch {
  private begun: number | undefined;
  private connectedAt: number | undefined;
  /** Whether a call failed since a stream was taken. */
  private hasFailed = false;
  /** Whether the server took a connection, and did not answer in time. */
  private isMute = false;
  private hasWorked = false;

  /** @param now - Its beginning, in epoch milliseconds. */
  constructor(now: number) {
    this.begun = now;
  }

  /** The subscription came into a state, or into the same one again. */
  entered(state: SubscriptionPhase, now: number): void {
    if (state === 'connected') {
      this.connectedAt ??= now;
      return;
    }
    if (TROUBLED.has(state)) this.notReading(state, now);
    else this.reading(state);
    this.connectedAt = undefined;
  }

  /** Since when, seen at this moment. `undefined` where there is no trouble. */
  since(now: number): number | undefined {
    return this.isTaken(now) ? undefined : this.begun;
  }

  /** Whether a stream of it ever worked, seen at this moment. */
  worked(now: number): boolean {
    return this.hasWorked || this.isTaken(now);
  }

  private reading(state: SubscriptionPhase): void {
    if (state === 'live' || this.connectedAt !== undefined) this.hasWorked = true;
    this.begun = undefined;
    this.hasFailed = false;
    this.isMute = false;
  }

  private notReading(state: SubscriptionPhase, now: number): void {
    const lastedMs = this.connectedAt === undefined ? undefined : now - this.connectedAt;
    if (lastedMs !== undefined && lastedMs >= MUTE_MS) {
      this.isMute = true;
    } else if (lastedMs !== undefined && lastedMs >= TAKEN_MS && !this.isMute) {
      this.hasWorked = true;
      this.begun = undefined;
    }
    if (state === 'waiting' || lastedMs !== undefined) this.hasFailed = true;
    this.begun ??= now;
  }

  private isTaken(now: number): boolean {
    if (this.connectedAt === undefined || this.isMute) return false;
    return !this.hasFailed || now - this.connectedAt >= TAKEN_MS;
  }
}
