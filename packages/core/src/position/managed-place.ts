import { defer, EMPTY, of, type Observable, type SchedulerLike } from 'rxjs';
import type { UncommittedEvents } from './uncommitted-events.js';
import type { Watermark } from '../delivery/watermark.js';
import type { RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { Result } from '../model/result.js';
import type { ManagedTransport } from '../ports/transport.js';
import type { WireFetchResponse } from '../ports/wire.js';
import { Committer, type Commit } from './committer.js';
import { SILENCE_MS } from '../stream-life/tell-silence.js';
import { ManagedLine, silentCommit, textOf } from './managed-line.js';
import type { ResolvedManaged } from './managed-name.js';
import type { EventPlace } from './position-gate.js';
import { gated, OPEN_GATE, type PositionGate } from './position-gate.js';
import type { PositionListener } from './stored-place.js';
import type { Place } from './place.js';

/** What the position of a managed subscription works with. */
export interface ManagedPlaceContext {
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly transport: ManagedTransport;
}

/**
 * The service ends a stream on which nothing was committed for 1,800 s. A keepalive comes at least every 270 s, and at the
 * first one after this time the last position is committed again.
 */
const REPEAT_AFTER_MS = 900_000;

/**
 * Where a managed subscription is. The service keeps the position, and each stream starts there: so what was received and
 * not committed comes again on the next one, and is told by `uncommittedEvents`.
 */
export class ManagedPlace implements Place {
  readonly adrift = false;
  readonly skipping = false;
  private readonly line: ManagedLine;
  private readonly committer: Committer;

  constructor(
    context: ManagedPlaceContext,
    private readonly options: ResolvedManaged,
    private readonly watermark: Watermark,
    private readonly uncommittedEvents: UncommittedEvents,
    private readonly listener: PositionListener,
    private readonly gate: PositionGate = OPEN_GATE,
  ) {
    const { name, commitIntervalMs } = options;
    this.line = new ManagedLine(context.transport, name);
    this.committer = new Committer(
      context,
      commitIntervalMs,
      {
        committable: () => this.committable(),
        save: (replayId) => this.save(replayId),
        committed: (commit) => this.committed(commit),
        commitFailed: (cause, attempt, delayMs) => this.commitFailed(cause, attempt, delayMs),
        silent: (times) => silentCommit(name, (times * SILENCE_MS) / 1000),
        failed: (error) => listener.failed(error),
      },
      REPEAT_AFTER_MS,
    );
  }

  open(): Observable<void> {
    return of(undefined);
  }

  /** Another client may have gone on since the last commit of this one. */
  from(): 'committed' {
    return 'committed';
  }

  connect(
    requests: Observable<number>,
    silence: Observable<unknown>,
    connected: () => void,
  ): Observable<WireFetchResponse | undefined> {
    return defer(() => {
      this.uncommittedEvents.streamOpened();
      return this.line.connect(requests, silence, connected);
    });
  }

  /** The service knows it. */
  current(): undefined {
    return undefined;
  }

  uncommitted(): number {
    return this.watermark.position === undefined ? 0 : this.watermark.settled - this.committer.committed;
  }

  /** Without a stream nothing can be committed, and what waits for that must not keep one from being opened. */
  uncommittedInWindow(): number {
    if (!this.line.isOpen) return 0;
    const uncommitted = this.uncommitted();
    return uncommitted === 0 || this.gate.holdsDemand
      ? uncommitted
      : gated(this.watermark, this.gate).settled - this.committer.committed;
  }

  /** The service is not known to take an older position: what was committed stays. */
  setBack(place: EventPlace, done: (ahead?: ReplayId) => void): void {
    const { newest } = this.committer;
    this.committer.stop();
    done(newest && newest.settled > place.index ? newest.replayId : undefined);
  }

  get lastCommitted(): ReplayId | undefined {
    return this.committer.lastCommitted;
  }

  moved(window: number, outstanding: number): void {
    const uncommitted = this.uncommitted();
    this.committer.wake(uncommitted > 0 && (uncommitted * 2 >= window || outstanding <= 0));
  }

  skips(): boolean {
    return false;
  }

  anchorAt(): Observable<never> {
    return EMPTY;
  }

  /** Where the committed position is not valid any more, the service goes on as the record's `errorRecoveryReplay` says. */
  reset(): void {
    this.watermark.restart(undefined);
  }

  /** The next subscription starts where the service has the position, whatever is still committed for this one. */
  retire(): void {
    // Commits go on, as late work does.
  }

  flush(done: () => void): void {
    this.line.close();
    this.committer.flush(done);
  }

  release(done: () => void = () => undefined): void {
    this.committer.stop();
    this.line.end(done);
  }

  private committable(): Commit | undefined {
    if (this.gate.isShut) return undefined;
    const { position, settled } = gated(this.watermark, this.gate);
    return position && this.line.takesCommits ? { replayId: position, settled } : undefined;
  }

  private save(replayId: ReplayId): Observable<Result<void, RxforceError>> {
    this.uncommittedEvents.committing(this.watermark.settled);
    return this.line.save(replayId);
  }

  private commitFailed(cause: RxforceError, attempt: number, delayMs: number): void {
    const name = textOf(this.options.name);
    this.listener.tell(() => ({ type: 'commitFailed', name, attempt, delayMs, cause }));
    this.listener.commitFailed(attempt, delayMs, cause);
  }

  private committed({ replayId, settled }: Commit): void {
    this.uncommittedEvents.committed(settled);
    this.listener.tell(() => ({ type: 'committed', name: textOf(this.options.name), position: replayId }));
    this.listener.committed();
  }
}
