import { RxforceError } from '../model/errors.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { StatusDetail, StatusDetails, SubscriptionStatus, Tell } from '../ports/status.js';
import type { ReadingFigures, SubscriptionPhase, SubscriptionState } from './subscription-state.js';
import { ReadingWatch } from './reading-watch.js';

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

/** What a record reports to its client. */
export interface RecordListener {
  /** It ended with an error. The work on its events may continue. */
  failed(): void;
  /** It is over, with the work on its events. */
  over(): void;
}

/** What is known of a subscription: its statuses are told from here, and its state is asked for here. */
export class SubscriptionRecord {
  private state: SubscriptionPhase = 'connecting';
  private since: number;
  private readonly reading: ReadingWatch;
  private cause: RxforceError | undefined;
  private start: SubscriptionState['start'];
  private lastCommit: { readonly at: number; readonly position: StreamPosition } | undefined;
  private source: FiguresSource | undefined;
  /** Whether it was told that it does something, and not that it is over. */
  private isTold = false;
  private hasFailed = false;
  private isLeft = false;

  /**
   * @param now - The clock, in epoch milliseconds.
   * @param listeners - Hear of each status.
   */
  constructor(
    private readonly of: SubscriptionNames,
    private readonly now: () => number,
    private readonly listeners: readonly StatusListener[],
    private readonly client: RecordListener,
  ) {
    this.since = now();
    this.reading = new ReadingWatch(this.since);
  }

  /** Tells a status. */
  readonly tell: Tell = (type, ...details) => this.report(PHASES[type], type, ...details);

  /** Tells a status that leaves the state as it is. */
  readonly mention: Tell = (type, ...details) => this.report(undefined, type, ...details);

  /** It ended with an error. One that comes after its end is nobody's. */
  failed(error: unknown): void {
    if (this.hasFailed || this.isLeft) return;
    this.hasFailed = true;
    this.enter('failed', RxforceError.from(error));
    this.client.failed();
  }

  /** It had failed, and another one has taken its place. Work on its events may continue for a while. */
  replaced(): void {
    this.state = 'draining';
    this.since = this.now();
    this.cause = undefined;
    this.reading.entered('draining', this.since);
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
    const { state, since, reading, cause, start, lastCommit } = this;
    const now = this.now();
    const troubled = { troubleSince: reading.since(now), wasConnected: reading.worked(now) };
    const positions = { start, lastCommit };
    return { ...this.of, state, since, ...troubled, cause, ...positions, ...(this.source?.figures() ?? NO_FIGURES) };
  }

  private report(state: SubscriptionPhase | undefined, type: StatusDetail['type'], details?: () => object): void {
    const isStart = type === 'connecting' && this.start === undefined;
    const isKept = state === 'waiting' || type === 'committed' || type === 'replayReset' || isStart;
    const isNeeded = isKept || this.listeners.some(({ observed }) => observed);
    const made = isNeeded ? details?.() : undefined;
    if (state) this.isTold = true;
    if (type === 'closed') this.isTold = false;
    if (state) this.enter(state, (made as { readonly cause?: RxforceError } | undefined)?.cause, type);
    if (isStart) this.start = { at: this.now(), ...(made as Pick<StatusDetails<'connecting'>, 'from'>) };
    // Other replicas may come further meanwhile.
    if (type === 'acquired' || type === 'lost') this.start = undefined;
    if (type === 'replayReset') this.start = { at: this.now(), from: (made as StatusDetails<'replayReset'>).policy };
    if (type === 'committed') {
      this.lastCommit = {
        at: this.now(),
        position: (made as unknown as { readonly position: StreamPosition }).position,
      };
    }
    if (!isNeeded) return;
    const status = { type, ...made, ...this.of } as SubscriptionStatus;
    this.listeners.forEach((listener) => listener.next(status));
  }

  private endIfOver(): void {
    if (!this.isLeft || this.source !== undefined) return;
    // Nothing was read at the end, as on standby, so nothing has told it.
    if (this.isTold) this.report(undefined, 'closed');
    this.client.over();
  }

  private enter(next: SubscriptionPhase, cause: RxforceError | undefined, type?: StatusDetail['type']): void {
    // A managed subscription asks again and again whether it is its turn, and is no less on standby meanwhile.
    if (this.state === 'standby' && type === 'connecting') return;
    const isNotItsTurn = next === 'waiting' && cause?.code === 'managed-subscription';
    const state = isNotItsTurn ? 'standby' : next;
    // Nothing comes after the end, and a stream that still carries commits may tell of itself.
    if (this.state === 'failed' || (this.state === 'draining' && state !== 'failed')) return;
    this.cause = cause;
    const now = this.now();
    this.reading.entered(state, now);
    if (state === this.state) return;
    this.state = state;
    this.since = now;
  }
}
