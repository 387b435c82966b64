import { RxforceError } from '../model/errors.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { SubscriptionStatus, StatusDetail, Tell } from '../ports/status.js';
import type { ReadingFigures, SubscriptionPhase, SubscriptionState } from './subscription-state.js';

/** The states that statuses lead to. The others change nothing. */
const PHASES: Partial<Record<StatusDetail['type'], SubscriptionPhase>> = {
  connecting: 'connecting',
  connected: 'connected',
  live: 'live',
  parked: 'parked',
  waiting: 'waiting',
  standby: 'standby',
  acquired: 'connecting',
  lost: 'connecting',
  draining: 'draining',
};

/** The states of a subscription that should read, and does not. */
const TROUBLED: ReadonlySet<SubscriptionPhase> = new Set(['connecting', 'waiting', 'failed']);

const NO_FIGURES: ReadingFigures = { window: undefined, lagMs: undefined, lastResponseAt: undefined };

/** What tells a subscription from the others of its client. */
export type SubscriptionNames = Pick<SubscriptionState, 'topic' | 'subscription' | 'name'>;

/** Who hears of the statuses of a subscription. */
export interface StatusListener {
  readonly observed: boolean;
  next(status: SubscriptionStatus): void;
}

/** The part of a subscription that a record asks for its figures. */
export interface FiguresSource {
  readonly figures: () => ReadingFigures;
}

/** What is known of a subscription: its statuses are told from here, and its state is asked for here. */
export class SubscriptionRecord {
  private state: SubscriptionPhase = 'connecting';
  private since: number;
  private troubleSince: number | undefined;
  private cause: RxforceError | undefined;
  private lastCommit: { readonly at: number; readonly position: StreamPosition } | undefined;
  private source: FiguresSource | undefined;
  private wasConnected = false;
  private isLeft = false;

  /**
   * @param now - The clock, in epoch milliseconds.
   * @param listeners - Hear of each status.
   * @param over - Called when it is over, with the work on its events.
   */
  constructor(
    private readonly of: SubscriptionNames,
    private readonly now: () => number,
    private readonly listeners: readonly StatusListener[],
    private readonly over: () => void,
  ) {
    this.since = now();
    this.troubleSince = this.since;
  }

  /** Tells a status. */
  readonly tell: Tell = (type, ...[details]) => {
    const state = PHASES[type];
    const isNeeded = state === 'waiting' || type === 'committed' || this.listeners.some(({ observed }) => observed);
    const made = isNeeded ? details?.() : undefined;
    if (state) this.enter(state, (made as { readonly cause?: RxforceError } | undefined)?.cause);
    if (type === 'committed') {
      this.lastCommit = {
        at: this.now(),
        position: (made as unknown as { readonly position: StreamPosition }).position,
      };
    }
    if (!isNeeded) return;
    const status = { type, ...made, ...this.of } as SubscriptionStatus;
    this.listeners.forEach((listener) => listener.next(status));
  };

  /** Whether it ended with an error. */
  get hasFailed(): boolean {
    return this.state === 'failed';
  }

  /** It ended with an error. */
  failed(error: unknown): void {
    this.enter('failed', RxforceError.from(error));
  }

  /** A stream is read, and has the figures. */
  reads(source: FiguresSource): void {
    this.source = source;
  }

  /** That stream is over. */
  readsNoMore(source: FiguresSource): void {
    if (this.source !== source) return;
    this.source = undefined;
    this.endIfOver();
  }

  /** Its subscriber is gone. Work on its events may continue for a while. */
  left(): void {
    this.isLeft = true;
    this.enter('draining', undefined);
    this.endIfOver();
  }

  /** The state at this moment. */
  snapshot(): SubscriptionState {
    const { state, since, troubleSince, wasConnected, cause, lastCommit } = this;
    const lasting = { state, since, troubleSince, wasConnected, cause, lastCommit };
    return { ...this.of, ...lasting, ...(this.source?.figures() ?? NO_FIGURES) };
  }

  private endIfOver(): void {
    if (this.isLeft && this.source === undefined) this.over();
  }

  private enter(state: SubscriptionPhase, cause: RxforceError | undefined): void {
    // Nothing comes after the end, and a stream that still carries commits may tell of itself.
    if (this.state === 'failed' || (this.state === 'draining' && state !== 'failed')) return;
    this.cause = cause;
    const now = this.now();
    if (TROUBLED.has(state)) this.troubleSince ??= now;
    else this.troubleSince = undefined;
    if (state === 'connected') this.wasConnected = true;
    if (state === this.state) return;
    this.state = state;
    this.since = now;
  }
}
