import type { ManagedCommit, ManagedSubscription } from './managed-subscription.js';

/** Most commits that are remembered one by one. */
const MOST_COMMITS = 1000;

/** The reason why a live stream of a managed subscription ends. */
export type ManagedHalt = 'stopped' | 'deleted';

/** A managed subscription while the server runs: its settings, its position, and its client. */
export class ManagedState {
  private settings: ManagedSubscription;
  private committed: Buffer | undefined;
  private readonly lastCommits: ManagedCommit[] = [];
  private deliveredUpTo = 0;
  private onHalt: ((halt: ManagedHalt) => void) | undefined;
  /** The time until which it is kept for a client that is gone, in milliseconds of the monotonic clock. */
  private keptUntil = 0;

  constructor(record: ManagedSubscription) {
    this.settings = record;
  }

  /** Its current settings. */
  get record(): ManagedSubscription {
    return this.settings;
  }

  /** The committed replay id. */
  get position(): Buffer | undefined {
    return this.committed;
  }

  /** The last commits. */
  get commits(): readonly ManagedCommit[] {
    return [...this.lastCommits];
  }

  /** The last position up to which events were delivered, on any stream. */
  get delivered(): number {
    return this.deliveredUpTo;
  }

  /** Notes that events were delivered up to this position. */
  noteDelivered(position: number): void {
    this.deliveredUpTo = Math.max(this.deliveredUpTo, position);
  }

  /** Whether a client has it, or had it a moment ago. */
  get isTaken(): boolean {
    return this.onHalt !== undefined || performance.now() < this.keptUntil;
  }

  /**
   * Takes it for a client, if it is free. The returned function gives it back, after `afterMs` milliseconds.
   *
   * @param onHalt - Called when it is stopped or deleted meanwhile.
   */
  take(onHalt: (halt: ManagedHalt) => void): ((afterMs: number) => void) | undefined {
    if (this.isTaken) return undefined;
    this.onHalt = onHalt;
    return (afterMs) => {
      if (this.onHalt === onHalt) {
        this.onHalt = undefined;
        this.keptUntil = performance.now() + afterMs;
      }
    };
  }

  /** Commits a position, after which the next stream starts. */
  commit(commitRequestId: string, replayId: Uint8Array, at: number): void {
    this.committed = Buffer.from(replayId);
    this.lastCommits.push({ commitRequestId, replayId: this.committed.toString('base64'), at });
    if (this.lastCommits.length > MOST_COMMITS) this.lastCommits.shift();
  }

  /** Changes the settings. A live stream ends when the subscription no longer runs. */
  change(record: ManagedSubscription): void {
    this.settings = record;
    if (record.state === 'STOP') this.halt('stopped');
  }

  /** Ends a live stream. */
  halt(halt: ManagedHalt): void {
    this.onHalt?.(halt);
  }
}
