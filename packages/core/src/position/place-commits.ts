import type { SchedulerLike } from 'rxjs';
import type { Watermark } from '../delivery/watermark.js';
import type { RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import { Committer, type Commit, type CommitterListener } from './committer.js';
import type { PlaceListener } from './place.js';
import { gated, type PositionGate } from './position-gate.js';

/** The parts of a place's commits. */
export interface PlaceCommitsParts extends Pick<CommitterListener, 'save' | 'silent'> {
  readonly context: { readonly scheduler: SchedulerLike; readonly random: () => number };
  /** Least time between two commits, in milliseconds. */
  readonly intervalMs: number;
  /** How long after its commit the last position is committed again though none is newer, in milliseconds. */
  readonly repeatAfterMs?: number;
  readonly watermark: Watermark;
  readonly gate: PositionGate;
  readonly listener: PlaceListener;
  /** Whether a position may be committed now. */
  readonly isReady: () => boolean;
  /** A position is durable. Called before the listener hears of it. */
  readonly committed: (commit: Commit) => void;
}

/** The commits of a place. They cover the settled events, as far as the gate lets the position pass. */
export class PlaceCommits {
  readonly committer: Committer;

  constructor(private readonly parts: PlaceCommitsParts) {
    const { context, intervalMs, repeatAfterMs, listener } = parts;
    const commits: CommitterListener = {
      committable: () => this.committable(),
      save: (replayId) => parts.save(replayId),
      committed: (commit, events, tookMs) => this.committed(commit, events, tookMs),
      commitFailed: (cause, attempt, delayMs, tookMs) => this.failed(attempt, delayMs, cause, tookMs),
      silent: (times) => parts.silent(times),
      failed: (error) => listener.failed(error),
    };
    this.committer = new Committer(context, intervalMs, commits, repeatAfterMs);
  }

  /** The position up to which everything is settled and the gate lets it pass. */
  get reached(): { readonly position: ReplayId | undefined; readonly settled: number } {
    return gated(this.parts.watermark, this.parts.gate);
  }

  /** How many settled events are not durable yet. */
  uncommitted(): number {
    const { watermark } = this.parts;
    return watermark.position === undefined ? 0 : watermark.settled - this.committer.committed;
  }

  /** How many of those count in the window. Events that only wait for the end of a doubt do not hold the stream. */
  uncommittedInWindow(): number {
    const uncommitted = this.uncommitted();
    return uncommitted === 0 || this.parts.gate.holdsDemand
      ? uncommitted
      : this.reached.settled - this.committer.committed;
  }

  /** The watermark may have moved, as `Place.moved`. */
  moved(window: number, outstanding: number): void {
    const uncommitted = this.uncommitted();
    this.committer.wake(uncommitted > 0 && (uncommitted * 2 >= window || outstanding <= 0));
  }

  /** Reports that a position could not be saved, this often in a row, and is saved again after a pause. */
  failed(attempt: number, delayMs: number, cause: RxforceError, tookMs: number | undefined): void {
    const { listener } = this.parts;
    listener.tell('commitFailed', () => ({ attempt, delayMs, cause, tookMs }));
    // What has no answer yet has not failed.
    if (tookMs === undefined) listener.silent(attempt, cause);
    else listener.commitFailed(attempt, delayMs, cause);
  }

  private committable(): Commit | undefined {
    const { gate, isReady } = this.parts;
    if (gate.isShut || !isReady()) return undefined;
    const { position, settled } = this.reached;
    return position && { replayId: position, settled };
  }

  private committed(commit: Commit, events: number, tookMs: number): void {
    const { listener } = this.parts;
    this.parts.committed(commit);
    listener.tell('committed', () => ({ position: commit.replayId, events, tookMs }));
    listener.committed();
  }
}
