import type { ManagedCommit, ManagedSubscription } from './managed-subscription.js';

/** Most commits that are remembered one by one. */
const MOST_COMMITS = 1000;

/** What stops a live stream of a managed subscription. */
export type ManagedHalt = 'stopped' | 'deleted';

/** A managed subscription while the server runs: its settings, its position, and who has it. */
export class ManagedState {
  #record: ManagedSubscription;
  #position: Buffer | undefined;
  readonly #commits: ManagedCommit[] = [];
  #delivered = 0;
  #onHalt: ((halt: ManagedHalt) => void) | undefined;
  /** Until when it is kept for a client that is gone, in milliseconds of the monotonic clock. */
  #keptUntil = 0;

  constructor(record: ManagedSubscription) {
    this.#record = record;
  }

  /** Its settings at the moment. */
  get record(): ManagedSubscription {
    return this.#record;
  }

  /** The committed replay id. */
  get position(): Buffer | undefined {
    return this.#position;
  }

  /** The last commits. */
  get commits(): readonly ManagedCommit[] {
    return [...this.#commits];
  }

  /** The last position up to which events were delivered, on whatever stream. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Events were delivered up to this position. */
  noteDelivered(position: number): void {
    this.#delivered = Math.max(this.#delivered, position);
  }

  /** Whether a client has it, or had it a moment ago. */
  get isTaken(): boolean {
    return this.#onHalt !== undefined || performance.now() < this.#keptUntil;
  }

  /**
   * Takes it for a client, if it is free. The returned function gives it back, after so many milliseconds.
   *
   * @param onHalt - Called when it is stopped or deleted meanwhile.
   */
  take(onHalt: (halt: ManagedHalt) => void): ((afterMs: number) => void) | undefined {
    if (this.isTaken) {
      return undefined;
    }
    this.#onHalt = onHalt;
    return (afterMs) => {
      if (this.#onHalt === onHalt) {
        this.#onHalt = undefined;
        this.#keptUntil = performance.now() + afterMs;
      }
    };
  }

  /** Makes a position the one to start after. */
  commit(commitRequestId: string, replayId: Uint8Array, at: number): void {
    this.#position = Buffer.from(replayId);
    this.#commits.push({ commitRequestId, replayId: this.#position.toString('base64'), at });
    if (this.#commits.length > MOST_COMMITS) {
      this.#commits.shift();
    }
  }

  /** Other settings. A live stream ends when it does not run any more. */
  change(record: ManagedSubscription): void {
    this.#record = record;
    if (record.state === 'STOP') {
      this.halt('stopped');
    }
  }

  /** Ends a live stream. */
  halt(halt: ManagedHalt): void {
    this.#onHalt?.(halt);
  }
}
