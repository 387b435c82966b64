import { of, type Observable, type SchedulerLike } from 'rxjs';
import type { Watermark } from '../delivery/watermark.js';
import type { ReplayId } from '../model/replay-id.js';
import { SILENCE_MS } from '../stream-life/tell-silence.js';
import { silentCommit, type ManagedLine } from './managed-line.js';
import type { ResolvedManaged } from './managed-name.js';
import { PlaceCommits } from './place-commits.js';
import type { Place, PlaceListener } from './place.js';
import { OPEN_GATE, type EventPlace, type PositionGate } from './position-gate.js';
import type { UncommittedEvents } from './uncommitted-events.js';

/**
 * The service ends a stream on which nothing was committed for 1,800 s. A keepalive comes at least every 270 s. At the
 * first keepalive after this time, the last position is committed again.
 */
const REPEAT_AFTER_MS = 900_000;

/** The position of a managed subscription. The service keeps it, and commits are sent on the stream. */
export class ManagedPlace implements Place {
  private readonly commits: PlaceCommits;

  constructor(
    context: { readonly scheduler: SchedulerLike; readonly random: () => number },
    { name, commitIntervalMs }: ResolvedManaged,
    private readonly line: ManagedLine,
    watermark: Watermark,
    received: UncommittedEvents,
    listener: PlaceListener,
    gate: PositionGate = OPEN_GATE,
  ) {
    this.commits = new PlaceCommits({
      context,
      watermark,
      gate,
      listener,
      intervalMs: commitIntervalMs,
      repeatAfterMs: REPEAT_AFTER_MS,
      isReady: () => line.takesCommits,
      save: (replayId) => {
        received.committing(watermark.settled);
        return line.save(replayId);
      },
      silent: (times) => silentCommit(name, (times * SILENCE_MS) / 1000),
      committed: ({ settled }) => received.committed(settled),
    });
  }

  /** Each stream starts at the service's position, so there is nothing to find out. */
  open(): Observable<void> {
    return of(undefined);
  }

  current(): 'committed' {
    return 'committed';
  }

  uncommitted(): number {
    return this.commits.uncommitted();
  }

  /**
   * Without a stream nothing can be committed, so events that wait for a commit must not keep a stream from being
   * opened.
   */
  uncommittedInWindow(): number {
    return this.line.isOpen ? this.commits.uncommittedInWindow() : 0;
  }

  get lastCommitted(): ReplayId | undefined {
    return this.commits.committer.lastCommitted;
  }

  moved(window: number, outstanding: number): void {
    this.commits.moved(window, outstanding);
  }

  /** It is not known that the service takes an older position, so the committed position stays. */
  setBack(place: EventPlace, done: (ahead?: ReplayId) => void): void {
    const { newest } = this.commits.committer;
    this.commits.committer.stop();
    done(newest && newest.settled > place.index ? newest.replayId : undefined);
  }

  flush(done: () => void): void {
    this.line.close();
    this.commits.committer.flush(done);
  }

  release(done: () => void = () => undefined): void {
    this.commits.committer.stop();
    this.line.end(done);
  }
}
