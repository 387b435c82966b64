import {
  catchError,
  defer,
  EMPTY,
  from,
  map,
  Observable,
  of,
  Subscription,
  switchMap,
  tap,
  throwError,
  timeout,
  type SchedulerLike,
} from 'rxjs';
import type { Watermark } from '../delivery/watermark.js';
import type { ReplayStoreError, RxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { Result } from '../model/result.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { StatusDetail } from '../ports/status.js';
import type { Transport } from '../ports/transport.js';
import type { WireFetchResponse } from '../ports/wire.js';
import { Committer } from './committer.js';
import { retryTransient } from '../stream-life/retry-transient.js';
import { silentLogin } from '../stream-life/attended-login.js';
import { SILENCE_MS, silentStore, tellSilence } from '../stream-life/tell-silence.js';
import { gated, OPEN_GATE, type EventPlace, type PositionGate } from './position-gate.js';
import { PositionClaim } from './position-claim.js';
import type { ResolvedReplay } from './replay-options.js';
import type { Place } from './place.js';

/** What a position works with. */
export interface PositionContext {
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly transport: Pick<Transport, 'organization' | 'subscribe'>;
}

/** What a position tells its subscription. */
export interface PositionListener {
  tell(make: () => StatusDetail): void;
  /** Finding out where to start failed, this often in a row, and is tried again after a pause. */
  waiting(attempt: number, delayMs: number, cause: RxforceError): void;
  /** A position could not be saved, this often in a row, and is saved again after a pause. */
  commitFailed(attempt: number, delayMs: number, cause: RxforceError): void;
  /** Events became durable: there is room for others. */
  committed(): void;
  failed(error: RxforceError): void;
}

/** Where a subscription is: read from its store, moved with the watermark, saved. */
export class StoredPlace implements Place {
  private preset: 'latest' | 'earliest' = 'latest';
  /** Whether the stream began at the tip, and no position was saved since. */
  private atTip = false;
  /** Events before this time, in epoch milliseconds, are passed over. */
  private skipUntil: number | undefined;
  /** The time of the first event that a subscription to `'latest'` was given: where it starts again while nothing is settled. */
  private anchor: Date | undefined;
  private claim: PositionClaim | undefined;
  /** Where it was taken back to. */
  private back: { readonly to: StreamPosition } | undefined;
  private settingBack = Subscription.EMPTY;
  private readonly committer: Committer;

  constructor(
    private readonly context: PositionContext,
    private readonly topic: string,
    private readonly options: { readonly replay: ResolvedReplay; readonly maxAttempts: number },
    private readonly watermark: Watermark,
    private readonly listener: PositionListener,
    /** The fencing token of the lease, where there is one. */
    private readonly fence?: number,
    private readonly gate: PositionGate = OPEN_GATE,
  ) {
    this.committer = new Committer(context, options.replay.commitIntervalMs, {
      committable: () => this.committable(),
      save: (replayId) => this.save(replayId),
      committed: ({ replayId }) => this.committed(replayId),
      commitFailed: (cause, attempt, delayMs) => this.commitFailed(cause, attempt, delayMs),
      silent: silentStore,
      failed: (error) => listener.failed(error),
    });
  }

  /**
   * Finds out where to start: one value, once it is known.
   *
   * @param before - Where a subscription of the same Observable ended, for when nothing is stored.
   */
  open(before: StreamPosition | undefined): Observable<void> {
    return this.stored(before).pipe(
      tap((stored) => {
        this.startAt(stored ?? this.options.replay.from);
        if (this.claim && stored instanceof ReplayId) this.committer.startAt(stored);
      }),
      switchMap(() => this.nearer()),
      map(() => undefined),
    );
  }

  /** Where the next stream starts. */
  from(): ReplayId | 'latest' | 'earliest' {
    const { resumesAfter, lastReceived } = this.watermark;
    // From the earliest event on, those that share the first replay id come again; before the tip there is nowhere to start.
    return resumesAfter ?? (this.preset === 'earliest' ? 'earliest' : (lastReceived ?? 'latest'));
  }

  /** Opens a stream there, as `Transport.subscribe`. */
  connect(
    requests: Observable<number>,
    silence: Observable<unknown>,
    connected: () => void,
  ): Observable<WireFetchResponse> {
    return this.context.transport.subscribe({ topic: this.topic, from: this.from() }, requests, silence, connected);
  }

  /** Where a subscription that follows this one starts; `undefined` while nothing is known. */
  current(): StreamPosition | undefined {
    if (this.back) return this.back.to;
    return this.skipping ? this.anchor : (this.reached.position ?? this.anchor);
  }

  /**
   * Whether the stream began at the tip, and one that follows it would start at a newer tip: no position before the next
   * event is known or, where there is a store, durable.
   */
  get adrift(): boolean {
    return this.atTip && (this.claim !== undefined || this.watermark.lastReceived === undefined);
  }

  /** Events settled that are not durable yet. */
  uncommitted(): number {
    if (!this.claim || this.skipping || this.watermark.position === undefined) return 0;
    return this.watermark.settled - this.committer.committed;
  }

  uncommittedInWindow(): number {
    const uncommitted = this.uncommitted();
    // What only waits for a doubt to be over does not hold the stream.
    return uncommitted === 0 || this.gate.holdsDemand ? uncommitted : this.reached.settled - this.committer.committed;
  }

  setBack(place: EventPlace, done: (ahead?: ReplayId) => void): void {
    const { newest } = this.committer;
    this.committer.stop();
    // Before the first event of all, where no time is known either: the beginning of time.
    this.back = { to: place.before ?? this.anchor ?? new Date(0) };
    if (!this.claim || newest === undefined || newest.settled <= place.index) {
      done();
      return;
    }
    // What is being written is waited for. A store that does not take it must not keep the error back for ever.
    const isBack$ = this.saved(this.claim, this.back.to).pipe(
      map(() => true),
      timeout({ first: SILENCE_MS, scheduler: this.context.scheduler, with: () => of(false) }),
      catchError(() => of(false)),
    );
    this.settingBack = isBack$.subscribe((isBack) => done(isBack ? undefined : newest.replayId));
  }

  /** The last position made durable. */
  get lastCommitted(): ReplayId | undefined {
    return this.committer.lastCommitted;
  }

  /**
   * The watermark may have moved. The commit is urgent when events wait for it: half of the window is settled and not
   * durable, or nothing is outstanding.
   */
  moved(window: number, outstanding: number): void {
    if (!this.claim) return;
    const uncommitted = this.uncommitted();
    this.committer.wake(uncommitted > 0 && (uncommitted * 2 >= window || outstanding <= 0));
  }

  /**
   * Whether an event of this time, in epoch milliseconds, is before the start. The first that is not ends the question. One
   * whose time cannot be read is not passed over, and says nothing of those behind it.
   */
  skips(timeOf: () => number | undefined): boolean {
    if (this.skipUntil === undefined) return false;
    const time = timeOf();
    if (time === undefined) return false;
    if (time < this.skipUntil) return true;
    this.skipUntil = undefined;
    if (this.claim) this.committer.wake(true);
    return false;
  }

  /** Whether events are being passed over. */
  get skipping(): boolean {
    return this.skipUntil !== undefined;
  }

  /**
   * Takes note of the time of the first event after the tip: it is durable when this completes, so that neither `retry()`
   * nor a crash starts at a newer tip.
   */
  anchorAt(time: Date): Observable<unknown> {
    this.anchor = time;
    const { claim } = this;
    if (!claim) return of(undefined);
    const { name } = this.options.replay;
    return this.saved(claim, time).pipe(
      tap(() => this.listener.tell(() => ({ type: 'committed', name, position: time }))),
    );
  }

  /** The service does not know the position: starts from this preset. */
  reset(preset: 'latest' | 'earliest'): void {
    this.watermark.restart(undefined);
    // A subscription that follows this one starts there, too: the beginning of time is before the earliest event.
    this.anchor = preset === 'earliest' ? new Date(0) : undefined;
    this.preset = preset;
    this.atTip = preset === 'latest';
  }

  /** The subscription is over. From here on the next one may take the position over. */
  retire(): void {
    this.claim?.retire(() => {
      this.committer.stop();
      // The next one begins by making it durable.
      this.settingBack.unsubscribe();
      return this.current();
    });
  }

  /** Commits what is settled, and calls back once it is durable, or never will be. */
  flush(done: () => void): void {
    if (!this.claim) done();
    else if (this.back) this.settingBack.add(done);
    else this.committer.flush(done);
  }

  /** Saves nothing more, gives the position up, and calls back once that is done. */
  release(done: () => void = () => undefined): void {
    this.committer.stop();
    this.settingBack.unsubscribe();
    if (this.claim) void this.claim.release().then(done);
    else done();
  }

  /** From a time, where the store knows what was reached before it: not all from the earliest event on need be read. */
  private nearer(): Observable<unknown> {
    const { claim, skipUntil } = this;
    if (!claim || skipUntil === undefined) return of(undefined);
    return from(claim.reachedBefore(new Date(skipUntil))).pipe(
      tap((replayId) => replayId && this.watermark.restart(replayId)),
    );
  }

  private startAt(start: StreamPosition | 'latest' | 'earliest'): void {
    if (start instanceof ReplayId) {
      this.watermark.restart(start);
    } else if (start instanceof Date) {
      this.preset = 'earliest';
      this.skipUntil = start.getTime();
      this.anchor = start;
    } else {
      this.preset = start;
      this.atTip = start === 'latest';
    }
  }

  private stored(before: StreamPosition | undefined): Observable<StreamPosition | undefined> {
    const { replay, maxAttempts } = this.options;
    const { store, name } = replay;
    if (store === undefined) return of(before);
    const waiting = (attempt: number, delayMs: number, cause: RxforceError) =>
      this.listener.waiting(attempt, delayMs, cause);
    return this.context.transport.organization().pipe(
      tellSilence(this.context.scheduler, (times) => waiting(times, SILENCE_MS, silentLogin(times))),
      retryTransient(this.context, waiting, maxAttempts),
      switchMap((organizationId) =>
        unwrap(of(PositionClaim.claim(store, { organizationId, topic: this.topic, name }, this.fence))),
      ),
      tap((claim) => (this.claim = claim)),
      switchMap((claim) =>
        unwrap(defer(() => claim.open(before))).pipe(
          tellSilence(this.context.scheduler, (times) => waiting(times, SILENCE_MS, silentStore(times))),
          retryTransient(this.context, waiting, maxAttempts),
        ),
      ),
      catchError((error: unknown) => {
        this.release();
        return throwError(() => error);
      }),
    );
  }

  private committable(): { replayId: ReplayId; settled: number } | undefined {
    // While events are passed over, a position would forget the time that ends that.
    if (this.skipping || this.gate.isShut) return undefined;
    const { position, settled } = this.reached;
    return position && { replayId: position, settled };
  }

  /** Makes a position durable: one value, once it is; again after a pause, where that may help. */
  private saved(claim: PositionClaim, position: StreamPosition): Observable<unknown> {
    return defer(() => claim.save(position)).pipe(
      switchMap((saved) => (saved.ok ? of(undefined) : throwError(() => saved.val))),
      retryTransient(this.context, (attempt, delayMs, cause) => this.commitFailed(cause, attempt, delayMs)),
    );
  }

  /** Up to where everything is settled, and the gate lets it pass. */
  private get reached(): { readonly position: ReplayId | undefined; readonly settled: number } {
    return gated(this.watermark, this.gate);
  }

  private save(replayId: ReplayId): Observable<Result<void, ReplayStoreError>> {
    const { claim } = this;
    return claim ? defer(() => claim.save(replayId)) : EMPTY;
  }

  private commitFailed(cause: RxforceError, attempt: number, delayMs: number): void {
    this.listener.tell(() => ({ type: 'commitFailed', name: this.options.replay.name, attempt, delayMs, cause }));
    this.listener.commitFailed(attempt, delayMs, cause);
  }

  private committed(position: ReplayId): void {
    this.atTip = false;
    this.listener.tell(() => ({ type: 'committed', name: this.options.replay.name, position }));
    this.listener.committed();
  }
}

function unwrap<T>(results: Observable<Result<T, ReplayStoreError>>): Observable<T> {
  return results.pipe(switchMap((result) => (result.ok ? of(result.val) : throwError(() => result.val))));
}
