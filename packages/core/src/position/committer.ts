import { Subscription, type Observable, type SchedulerLike } from 'rxjs';
import type { RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { Result } from '../model/result.js';
import { backoffMs } from '../stream-life/backoff.js';
import { monotonicNow } from '../model/monotonic.js';
import { SILENCE_MS, tellSilence } from '../stream-life/tell-silence.js';

/** A position that can be made durable. */
export interface Commit {
  readonly replayId: ReplayId;
  /** How many events it covers, counted from the subscription's first. */
  readonly settled: number;
}

/** What a committer asks of its subscription, and reports to it. */
export interface CommitterListener {
  /** The commit of everything settled so far, if anything can be committed now. */
  committable(): Commit | undefined;
  /** Makes a position durable, and emits one value. */
  save(replayId: ReplayId): Observable<Result<void, RxforceError>>;
  /**
   * A position is durable.
   *
   * @param events - How many events it covers that the durable position before did not.
   * @param tookMs - How long it took to save it, in milliseconds. 0 where the same position was durable already.
   */
  committed(commit: Commit, events: number, tookMs: number): void;
  /**
   * A position could not be saved, this often in a row. This position or a later one is saved after a pause. It is also
   * called when the store has not answered for that long, this often; then the committer waits for the answer.
   *
   * @param tookMs - How long it took to fail, in milliseconds. `undefined` while there is no answer.
   */
  commitFailed(error: RxforceError, attempt: number, delayMs: number, tookMs: number | undefined): void;
  /** The error of a save that was not answered for so many times `SILENCE_MS`. */
  silent(times: number): RxforceError;
  /** Positions cannot be saved any more. */
  failed(error: RxforceError): void;
}

/** The state of a committer. */
type CommitterState =
  /** Everything committable is durable. */
  | 'idle'
  /** The next commit waits for its time. */
  | 'waiting'
  /** A position is being saved: it was taken, and is soon written. */
  | 'saving'
  /** Nothing is saved any more. */
  | 'stopped';

/**
 * Makes the watermark durable, at most every `intervalMs` unless it is urgent. It always saves the newest position, one
 * save at a time, and again when a save fails.
 *
 * A position is taken in one timer turn and written in a later one. When a last handler throws, RxJS rethrows the error
 * from a timer that it starts during the call. That timer comes first, so a process that dies of the error has not
 * committed the event.
 */
export class Committer {
  private state: CommitterState = 'idle';
  private readonly work = new Subscription();
  private timer = Subscription.EMPTY;
  private last: Commit | undefined;
  private begun: Commit | undefined;
  /** When the last save was begun. */
  private savedAt = -Infinity;
  private failures = 0;
  private urgent = false;
  private flushed: (() => void)[] = [];

  constructor(
    private readonly context: { readonly scheduler: SchedulerLike; readonly random: () => number },
    private readonly intervalMs: number,
    private readonly listener: CommitterListener,
    /**
     * How long after its save the last position is saved again, at the next `wake`, though none is newer. In
     * milliseconds.
     */
    private readonly repeatAfterMs = Infinity,
  ) {}

  /** How many events the durable position covers. */
  get committed(): number {
    return this.last?.settled ?? 0;
  }

  /** The last commit that was begun. It is durable by now or soon, or perhaps although its save failed. */
  get newest(): Commit | undefined {
    return this.begun;
  }

  /** The last position made durable here. */
  get lastCommitted(): ReplayId | undefined {
    return this.last?.replayId;
  }

  /** Sets the position that is durable at the start. */
  startAt(replayId: ReplayId): void {
    this.last = { replayId, settled: 0 };
  }

  /** There may be something to commit; `urgent` when events wait for it. */
  wake(urgent: boolean): void {
    if (urgent && !this.urgent) {
      this.urgent = true;
      if (this.state === 'waiting' && this.failures === 0) {
        this.timer.unsubscribe();
        this.state = 'idle';
      }
    }
    if (this.state === 'idle') this.schedule();
  }

  /** Commits without delay, and calls back once everything committable is durable, or can never be. */
  flush(done: () => void): void {
    this.flushed.push(done);
    if (this.state === 'waiting') {
      // It also ends the pause after a failure, as there may be no time for another attempt.
      this.timer.unsubscribe();
      this.failures = 0;
      this.state = 'idle';
    }
    this.wake(true);
    this.tellFlushed();
  }

  /** Saves nothing more. A save under way may still become durable. */
  stop(): void {
    this.state = 'stopped';
    this.work.unsubscribe();
    this.tellFlushed();
  }

  /** How long ago the last save was begun, in milliseconds. */
  private get sinceSave(): number {
    return monotonicNow(this.context.scheduler) - this.savedAt;
  }

  private schedule(): void {
    if (this.next() === undefined) {
      // Nothing waits any more.
      this.urgent = false;
      return;
    }
    this.state = 'waiting';
    const delayMs = this.urgent ? 0 : this.untilNextMs();
    this.after(delayMs, () => this.take());
  }

  /** At most the interval, also when the user's own clock was set back since. */
  private untilNextMs(): number {
    return Math.min(this.intervalMs, Math.max(0, this.intervalMs - this.sinceSave));
  }

  private take(): void {
    this.state = 'saving';
    this.urgent = false;
    const commit = this.next();
    if (commit === undefined) this.settle();
    else this.after(0, () => this.save(commit));
  }

  private save(commit: Commit): void {
    this.begun = commit;
    this.savedAt = monotonicNow(this.context.scheduler);
    this.work.add(
      this.listener
        .save(commit.replayId)
        .pipe(tellSilence(this.context.scheduler, (times) => this.silent(times)))
        .subscribe((result) => {
          if (result.ok) this.saved(commit);
          else this.saveFailed(result.val);
        }),
    );
  }

  private saved(commit: Commit): void {
    this.failures = 0;
    this.isDurable(commit, this.sinceSave);
    this.settle();
  }

  private isDurable(commit: Commit, tookMs: number): void {
    const events = commit.settled - this.committed;
    this.last = commit;
    this.listener.committed(commit, events, tookMs);
  }

  private saveFailed(error: RxforceError): void {
    if (!error.retriable) {
      this.stop();
      this.listener.failed(error);
      return;
    }
    this.failures++;
    const delayMs = backoffMs(this.failures, error, this.context.random());
    this.listener.commitFailed(error, this.failures, delayMs, this.sinceSave);
    this.state = 'waiting';
    this.after(delayMs, () => this.take());
  }

  /** The committer still waits for the answer, as the first save could overtake a second one at the same time. */
  private silent(times: number): void {
    this.listener.commitFailed(this.listener.silent(times), times, SILENCE_MS, undefined);
  }

  private settle(): void {
    if (this.state === 'stopped') return;
    this.state = 'idle';
    this.schedule();
    this.tellFlushed();
  }

  private tellFlushed(): void {
    if (this.state !== 'idle' && this.state !== 'stopped') return;
    const { flushed } = this;
    this.flushed = [];
    flushed.forEach((done) => done());
  }

  /** The commit to save next: one that is not durable yet, or whose last save is long ago. */
  private next(): Commit | undefined {
    const commit = this.listener.committable();
    if (commit === undefined || !this.last?.replayId.equals(commit.replayId)) return commit;
    // Events that share a replay id are all covered by it.
    if (commit.settled > this.last.settled) this.isDurable(commit, 0);
    return this.sinceSave > this.repeatAfterMs ? commit : undefined;
  }

  private after(delayMs: number, work: () => void): void {
    this.timer = this.context.scheduler.schedule(function () {
      // RxJS keeps an action that has run in the subscription that it was added to. Two actions for each commit would
      // stay there.
      this.unsubscribe();
      work();
    }, delayMs);
    this.work.add(this.timer);
  }
}
