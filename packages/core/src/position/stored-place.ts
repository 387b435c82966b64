import {
  catchError,
  defer,
  EMPTY,
  from,
  map,
  of,
  Subscription,
  switchMap,
  tap,
  throwError,
  timeout,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { Watermark } from '../delivery/watermark.js';
import type { RxforceError } from '../model/errors.js';
import { monotonicNow } from '../model/monotonic.js';
import { ReplayId } from '../model/replay-id.js';
import type { Result } from '../model/result.js';
import type { StreamPosition, StoreError } from '../ports/replay-store.js';
import type { Transport } from '../ports/transport.js';
import { silentLogin } from '../stream-life/attended-login.js';
import { retryTransient } from '../stream-life/retry-transient.js';
import { SILENCE_MS, silentStore, tellSilence } from '../stream-life/tell-silence.js';
import { Beginning } from './beginning.js';
import { PlaceCommits } from './place-commits.js';
import type { Place, PlaceListener } from './place.js';
import { PositionClaim } from './position-claim.js';
import { OPEN_GATE, type EventPlace, type PositionGate } from './position-gate.js';
import type { ResolvedReplay } from './replay-options.js';

/** The parts of a place. */
export interface StoredPlaceContext {
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly transport: Pick<Transport, 'organization'>;
}

/**
 * The position of a subscription, if the client keeps it: read from its store, moved with the watermark, and saved.
 * Without a store the position is known while the process lives, and nothing is saved.
 */
export class StoredPlace implements Place {
  /** Where its streams begin. */
  readonly beginning: Beginning;
  private claim: PositionClaim | undefined;
  /** The position that it was taken back to. */
  private back: { readonly to: StreamPosition } | undefined;
  private settingBack = Subscription.EMPTY;
  private readonly commits: PlaceCommits;

  constructor(
    private readonly context: StoredPlaceContext,
    private readonly topic: string,
    private readonly options: { readonly replay: ResolvedReplay; readonly maxAttempts: number },
    private readonly watermark: Watermark,
    private readonly listener: PlaceListener,
    /** The fencing token of the lease, where there is one. */
    private readonly fence?: number,
    gate: PositionGate = OPEN_GATE,
  ) {
    const { store, commitIntervalMs } = options.replay;
    this.beginning = new Beginning(watermark, store !== undefined, {
      arrived: () => this.claim && this.commits.committer.wake(true),
      save: (time) => this.saveAnchor(time),
    });
    this.commits = new PlaceCommits({
      context,
      watermark,
      gate,
      listener,
      intervalMs: commitIntervalMs,
      // While events are passed over, a saved position would replace the time at which that ends.
      isReady: () => !this.beginning.isSkipping,
      save: (replayId) => this.save(replayId),
      silent: silentStore,
      committed: () => this.beginning.leaveTip(),
    });
  }

  open(before: StreamPosition | undefined): Observable<void> {
    return this.stored(before).pipe(
      tap((stored) => {
        this.beginning.startAt(stored ?? this.options.replay.from);
        if (this.claim && stored instanceof ReplayId) this.commits.committer.startAt(stored);
      }),
      switchMap(() => this.nearer()),
      map(() => undefined),
    );
  }

  current(): StreamPosition | undefined {
    return this.back ? this.back.to : this.beginning.following(this.commits.reached.position);
  }

  uncommitted(): number {
    return this.isCommitting ? this.commits.uncommitted() : 0;
  }

  uncommittedInWindow(): number {
    return this.isCommitting ? this.commits.uncommittedInWindow() : 0;
  }

  get lastCommitted(): ReplayId | undefined {
    return this.commits.committer.lastCommitted;
  }

  moved(window: number, outstanding: number): void {
    if (this.isCommitting) this.commits.moved(window, outstanding);
  }

  setBack(place: EventPlace, done: (ahead?: ReplayId) => void): void {
    const { newest } = this.commits.committer;
    this.commits.committer.stop();
    this.back = { to: place.before ?? this.beginning.time };
    if (!this.claim || newest === undefined || newest.settled <= place.index) {
      done();
      return;
    }
    // It waits for the save under way. A store that does not take it must not hold the error back without end.
    const isBack$ = this.saved(this.claim, this.back.to).pipe(
      map(() => true),
      timeout({ first: SILENCE_MS, scheduler: this.context.scheduler, with: () => of(false) }),
      catchError(() => of(false)),
    );
    this.settingBack = isBack$.subscribe((isBack) => done(isBack ? undefined : newest.replayId));
  }

  retire(): void {
    this.claim?.retire(() => {
      this.commits.committer.stop();
      // The next subscription first makes it durable.
      this.settingBack.unsubscribe();
      return this.current();
    });
  }

  flush(done: () => void): void {
    if (!this.claim) done();
    else if (this.back) this.settingBack.add(done);
    else this.commits.committer.flush(done);
  }

  release(done: () => void = () => undefined): void {
    this.commits.committer.stop();
    this.settingBack.unsubscribe();
    if (this.claim) void this.claim.release().then(done);
    else done();
  }

  /** Whether the position of settled events is made durable. */
  private get isCommitting(): boolean {
    return this.claim !== undefined && !this.beginning.isSkipping;
  }

  /**
   * For a start at a time: where the store knows a position reached before it, the stream need not start at the
   * earliest event.
   */
  private nearer(): Observable<unknown> {
    const { claim, beginning } = this;
    if (!claim || !beginning.isSkipping) return of(undefined);
    return from(claim.reachedBefore(beginning.time)).pipe(
      tap((replayId) => replayId && this.watermark.restart(replayId)),
    );
  }

  private stored(before: StreamPosition | undefined): Observable<StreamPosition | undefined> {
    const { store } = this.options.replay;
    if (store === undefined) return of(before);
    return this.claimed(store).pipe(
      switchMap((claim) =>
        this.tried(unwrap(defer(() => claim.open(before))), silentStore, (...silence) =>
          this.listener.silent(...silence),
        ),
      ),
      catchError((error: unknown) => {
        this.release();
        return throwError(() => error);
      }),
    );
  }

  private claimed(store: NonNullable<ResolvedReplay['store']>): Observable<PositionClaim> {
    const { topic, fence } = this;
    const { name } = this.options.replay;
    return this.tried(this.context.transport.organization(), silentLogin).pipe(
      switchMap((organizationId) => unwrap(of(PositionClaim.claim(store, { organizationId, topic, name }, fence)))),
      tap((claim) => (this.claim = claim)),
    );
  }

  /**
   * Reports when there is no answer, and tries again where that may help.
   *
   * @param warn - Warns of no answer. The client itself warns of a login that gives none.
   */
  private tried<T>(
    source: Observable<T>,
    silent: (times: number) => RxforceError,
    warn: PlaceListener['silent'] = () => undefined,
  ): Observable<T> {
    const { listener } = this;
    const silence = (times: number) => {
      const cause = silent(times);
      listener.tell('waiting', () => ({ attempt: times, delayMs: SILENCE_MS, cause }));
      warn(times, cause);
    };
    return source.pipe(
      tellSilence(this.context.scheduler, silence),
      retryTransient(this.context, (...pause) => listener.waiting(...pause), this.options.maxAttempts),
    );
  }

  private saveAnchor(time: Date): Observable<unknown> {
    const { claim, listener } = this;
    if (!claim) return of(undefined);
    const { scheduler } = this.context;
    const begunAt = monotonicNow(scheduler);
    const tookMs = () => monotonicNow(scheduler) - begunAt;
    return this.saved(claim, time).pipe(
      tap(() => listener.tell('committed', () => ({ position: time, events: 0, tookMs: tookMs() }))),
    );
  }

  /** Makes a position durable, and emits one value once it is. It tries again after a pause, where that may help. */
  private saved(claim: PositionClaim, position: StreamPosition): Observable<unknown> {
    const { scheduler } = this.context;
    let begunAt = 0;
    const save = defer(() => {
      begunAt = monotonicNow(scheduler);
      return claim.save(position);
    });
    return unwrap(save).pipe(
      retryTransient(this.context, (attempt, delayMs, cause) =>
        this.commits.failed(attempt, delayMs, cause, monotonicNow(scheduler) - begunAt),
      ),
    );
  }

  private save(replayId: ReplayId): Observable<Result<void, StoreError>> {
    const { claim } = this;
    return claim ? defer(() => claim.save(replayId)) : EMPTY;
  }
}

function unwrap<T>(results: Observable<Result<T, StoreError>>): Observable<T> {
  return results.pipe(switchMap((result) => (result.ok ? of(result.val) : throwError(() => result.val))));
}
