import type { SchedulerLike, Subscriber } from 'rxjs';
import { DeliveryFailedError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { Delivery, DeliveryOutcome, Hold, HoldState } from './delivery.js';
import { emitInScope } from './emit-in-scope.js';
import type { OperatorRole } from './operator-role.js';
import { emitAfterRelease } from './joint-hold.js';
import { Watermark, type OpenPosition } from './watermark.js';

/** What the deliveries of a subscription tell it. */
export interface DeliveriesListener {
  /** An event is settled: its credit is back. It must not emit. */
  settled(delivery: SourceDelivery): void;
  /** An event that somebody worked on has ended, one way or the other. */
  ended(): void;
  /** An event will never be settled, while the subscription is alive. */
  failed(error: DeliveryFailedError): void;
  /** An operator got an event that was settled before, and that nobody had worked on: `alone`, or beside others. */
  settledEarly(delivery: SourceDelivery, beside: 'alone' | 'among-others'): void;
  /** An event was handed out and settled, and nobody had worked on it. */
  settledUnheld?(delivery: SourceDelivery): void;
  /** Somebody works on an event. */
  worked?(): void;
  /** The last subscriber's `next` was given an event, and has returned. */
  returned?(): void;
  /** An event that had left what is known of the pipeline has ended, and nobody had worked on it. */
  left?(delivery: SourceDelivery, how: 'left' | 'withheld'): void;
  /** A plain operator gave nothing on for an event. */
  withheld?(operator: object): void;
  /** Something behind the work on an event may be working, too. */
  doubted?(delivery: SourceDelivery): void;
  /** One more event is only kept until others come: see whether any can. */
  kept?(): void;
  /** Whether the subscription still wants events. */
  isLive(): boolean;
}

/** The events that one subscription was given, from receipt to settlement. */
export class Deliveries {
  readonly watermark: Watermark;
  /** Events that somebody works on: claimed, and neither settled nor dropped. */
  inWork = 0;
  /** Events that somebody has claimed, and that are not settled: in work, or dropped. */
  unsettledWork = 0;
  /** Events in work that are only kept, by all who hold them, until others come. */
  kept = 0;
  /** What to call when no others can come, and for how many holds. */
  private readonly flushes = new Map<() => void, number>();
  /** Work that goes on though its event was given up. */
  readonly running = new Set<PromiseLike<unknown>>();
  private checkScheduled = false;
  /** What to call for endings of this turn, and for those of an earlier one, which are due in the turn scheduled. */
  private fresh: (() => void)[] = [];
  private due: (() => void)[] = [];

  /** @param sharesIds - Whether events of the stream may share a replay id. */
  constructor(
    private readonly scheduler: SchedulerLike,
    readonly listener: DeliveriesListener,
    sharesIds = false,
  ) {
    this.watermark = new Watermark(undefined, sharesIds);
  }

  /**
   * Takes note of an event received, in the order of the stream.
   *
   * @param replayId - `undefined` for an event that came without one: it is taken to be where the one before it is.
   * @param payload - Its Avro bytes.
   */
  open(replayId: ReplayId | undefined, payload?: Uint8Array): SourceDelivery {
    const position = this.watermark.open(replayId);
    return new SourceDelivery(this, this.watermark.lastReceived ?? NOWHERE, position, payload);
  }

  /** No more events can come before some of those that are kept are let go of. */
  flush(): void {
    [...this.flushes.keys()].forEach((flush) => flush());
  }

  /** For SourceDelivery: counts the holds that keep an event until `flush`. */
  keptBy(flush: () => void, change: 1 | -1): void {
    const count = (this.flushes.get(flush) ?? 0) + change;
    if (count === 0) this.flushes.delete(flush);
    else this.flushes.set(flush, count);
  }

  /** For SourceDelivery: work on an event that was given up goes on. */
  runsOn(work: PromiseLike<unknown>): void {
    const over = () => {
      this.running.delete(work);
      this.listener.ended();
    };
    if (this.running.has(work)) return;
    this.running.add(work);
    work.then(over, over);
  }

  /** For SourceDelivery: nothing will settle the event. Its subscription may be about to end: look in a later turn. */
  neverSettles(delivery: SourceDelivery): void {
    if (this.checkScheduled) return;
    this.checkScheduled = true;
    this.scheduler.schedule(() => {
      this.checkScheduled = false;
      if (this.listener.isLive()) this.listener.failed(droppedWork(delivery.replayId));
    });
  }

  /**
   * For SourceDelivery: announces an ending in a later timer turn. RxJS rethrows what a last handler throws from a
   * timer that it starts during the call, so that timer must come first: a turn announces only what had ended before
   * the turn was asked for.
   */
  announceLater(announce: () => void): void {
    this.fresh.push(announce);
    if (this.due.length === 0) this.scheduleAnnouncement();
  }

  /** A listener that throws must not keep the others from being told. */
  private announce(announce: () => void): void {
    try {
      announce();
    } catch (error) {
      this.scheduler.schedule(() => {
        throw error;
      });
    }
  }

  private scheduleAnnouncement(): void {
    this.due = this.fresh;
    this.fresh = [];
    if (this.due.length === 0) return;
    this.scheduler.schedule(() => {
      const due = this.due;
      this.scheduleAnnouncement();
      due.forEach((announce) => this.announce(announce));
    });
  }
}

/** For an event without a replay id, when no position is known at all. */
const NOWHERE = ReplayId.fromBytes(new Uint8Array());

/** One event of a subscription of ours. */
export class SourceDelivery implements Delivery {
  takings = 0;
  private holds = 0;
  /** Those of the holds that only keep the event until others come. */
  private keepers = 0;
  private isKept = false;
  private state: 'open' | DeliveryOutcome = 'open';
  private claimed = false;
  /** Whether it is being handed out at this moment. */
  private isBeingHandedOut = false;
  /** Those of the holds that are for collecting only. */
  private collectors = 0;
  private worked = false;
  /** Whether it has left what is known of the pipeline, or was withheld: once it has ended, it shows what became of it. */
  private whereabouts: 'left' | 'withheld' | undefined;
  private listeners: ((outcome: DeliveryOutcome) => void)[] | undefined;
  private checks: (() => unknown)[] | undefined;

  constructor(
    private readonly owner: Deliveries,
    readonly replayId: ReplayId,
    private readonly position: OpenPosition,
    public payload: Uint8Array | undefined,
  ) {}

  /** Hands the event downstream, holding it during the call. */
  deliver<T>(subscriber: Subscriber<T>, event: T): void {
    this.claim();
    let taken = false;
    this.isBeingHandedOut = true;
    try {
      taken = emitInScope(this, subscriber, event);
    } finally {
      this.isBeingHandedOut = false;
      // What outlives the call works, unless it says that it only collects.
      if (this.holds - 1 > this.collectors) this.noteWork();
      if (!taken) this.neverSettle();
      this.releaseOne();
    }
  }

  /** Settles an event that is not handed downstream. */
  settle(): void {
    if (this.state !== 'open') return;
    const fault = this.checks?.map((check) => check()).find((found) => found !== undefined);
    if (fault === undefined) this.end('settled');
    else this.fail(fault);
  }

  get claims(): number {
    return this.holds;
  }

  guard(check: () => unknown): void {
    (this.checks ??= []).push(check);
  }

  hold(role?: OperatorRole): Hold {
    if (role === 'works') this.take('operator');
    else if (role === undefined && !this.isBeingHandedOut) this.noteWork();
    return new SourceHold(this, role === 'keeps');
  }

  /** Claims an event that is not handed downstream: that says nothing of whether anybody works there. */
  holdAside(): Hold {
    this.worked = true;
    return new SourceHold(this);
  }

  take(by: 'operator' | 'subscriber'): void {
    this.takings++;
    if (by === 'operator') this.noteWork();
    else this.owner.listener.returned?.();
  }

  left(): void {
    this.whereabouts = 'left';
  }

  withheld(operator: object, mayBeWork: boolean): void {
    if (mayBeWork) this.whereabouts ??= 'withheld';
    this.owner.listener.withheld?.(operator);
  }

  doubt(): void {
    this.owner.listener.doubted?.(this);
  }

  parts(): readonly Delivery[] {
    return [this];
  }

  isBeside(other: Delivery): boolean {
    return other.parts().some((part) => part instanceof SourceDelivery && part.owner === this.owner);
  }

  /** Where it is in the stream. */
  get place(): Pick<OpenPosition, 'index' | 'before' | 'replayId'> {
    return this.position;
  }

  /** Whether it is of this subscription. */
  isOf(owner: Deliveries): boolean {
    return this.owner === owner;
  }

  private noteWork(): void {
    if (this.worked || this.state !== 'open') return;
    this.worked = true;
    this.owner.listener.worked?.();
  }

  covers(other: Delivery): boolean {
    return other === this;
  }

  ended(): boolean {
    return this.state !== 'open';
  }

  reportEarlySettlement(beside: 'alone' | 'among-others'): void {
    // One that never settles was not settled early: it comes again. And one that was worked on is done, however often it is replayed.
    if (this.state === 'settled' && !this.worked) this.owner.listener.settledEarly(this, beside);
  }

  /** For SourceHold: counts a hold, if it is not too late. */
  addHold(collects: boolean): boolean {
    if (this.state !== 'open') return false;
    if (collects) this.collectors++;
    this.claim();
    return true;
  }

  /** For SourceHold: the other end of `addHold`. */
  releaseOne(collects = false): void {
    if (collects) this.collectors--;
    if (--this.holds === 0) this.settle();
    else this.noteKept();
  }

  /** For SourceHold: one of the holds only keeps the event until others come, or no longer does. */
  keep(flush: () => void, change: 1 | -1): void {
    this.keepers += change;
    this.owner.keptBy(flush, change);
    this.noteKept();
  }

  /** For SourceHold: work on it cannot be stopped. */
  runsOn(work: PromiseLike<unknown>): void {
    this.owner.runsOn(work);
  }

  /** For SourceHold. */
  neverSettle(): void {
    if (this.state !== 'open') return;
    this.end('unsettled');
    this.owner.neverSettles(this);
  }

  /** For SourceHold, and of a guard. */
  fail(cause: unknown): void {
    if (this.state !== 'open') return;
    this.end('unsettled');
    if (this.owner.listener.isLive()) this.owner.listener.failed(failedWork(this.replayId, cause));
  }

  /** For SourceHold. */
  onEnded(listener: (outcome: DeliveryOutcome) => void): void {
    const { state } = this;
    if (state === 'open') (this.listeners ??= []).push(listener);
    else this.owner.announceLater(() => listener(state));
  }

  private noteKept(): void {
    const isKept = this.keepers > 0 && this.keepers === this.holds && this.state === 'open';
    if (isKept === this.isKept) return;
    this.isKept = isKept;
    this.position.isKept = isKept;
    this.owner.kept += isKept ? 1 : -1;
    if (isKept) this.owner.listener.kept?.();
  }

  private claim(): void {
    this.holds++;
    this.noteKept();
    if (this.claimed) return;
    this.claimed = true;
    this.owner.inWork++;
    this.owner.unsettledWork++;
  }

  private end(outcome: DeliveryOutcome): void {
    this.state = outcome;
    this.payload = undefined;
    this.checks = undefined;
    this.noteKept();
    const { listeners } = this;
    this.listeners = undefined;
    listeners?.forEach((listener) => this.owner.announceLater(() => listener(outcome)));
    if (outcome === 'settled') {
      if (this.claimed) this.owner.unsettledWork--;
      this.owner.watermark.settle(this.position);
      if (this.claimed && !this.worked) this.owner.listener.settledUnheld?.(this);
      this.owner.listener.settled(this);
    }
    if (this.claimed) {
      if (this.whereabouts !== undefined && !this.worked) this.owner.listener.left?.(this, this.whereabouts);
      this.owner.inWork--;
      this.owner.listener.ended();
    }
  }

  /** How Node prints it, inside an event. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Delivery(${this.state})`;
  }
}

class SourceHold implements Hold {
  private current: HoldState;
  private flush: (() => void) | undefined;

  constructor(
    private readonly target: SourceDelivery,
    private readonly collects = false,
  ) {
    this.current = target.addHold(collects) ? 'open' : 'dead';
  }

  emit<T>(subscriber: Subscriber<T>, value: T): void {
    if (this.current === 'released') throw emitAfterRelease();
    if (!emitInScope(this.target, subscriber, value)) this.target.neverSettle();
  }

  release(): void {
    if (this.end('released')) this.target.releaseOne(this.collects);
  }

  fail(error: unknown): void {
    if (this.end('dropped')) this.target.fail(error);
  }

  abandon(running?: PromiseLike<unknown>): void {
    if (!this.end('dropped')) return;
    if (running) this.target.runsOn(running);
    this.target.neverSettle();
  }

  onEnded(listener: (outcome: DeliveryOutcome) => void): void {
    this.target.onEnded(listener);
  }

  onPressure(flush: () => void): void {
    if (this.current !== 'open' || this.flush) return;
    this.flush = flush;
    this.target.keep(flush, 1);
  }

  track(running: PromiseLike<unknown>): void {
    if (this.current === 'open') this.target.runsOn(running);
  }

  state(): HoldState {
    return this.current;
  }

  delivery(): Delivery {
    return this.target;
  }

  private end(state: 'released' | 'dropped'): boolean {
    if (this.current !== 'open') return false;
    this.current = state;
    if (this.flush) this.target.keep(this.flush, -1);
    return true;
  }
}

function droppedWork(replayId: ReplayId): DeliveryFailedError {
  return new DeliveryFailedError(
    `The work on the event at replay id ${replayId.toString()} was dropped while its subscription went on, so the event ` +
      'would never be settled and the stream would stall. An operator that held it was unsubscribed: look for a ' +
      'switchMap, takeUntil, catchError or timeout around handle() or another holding operator, and move it outside; or ' +
      'for a consumer of a share() that left in the middle of its work, and give it a changes() of its own.',
    { replayId: replayId.toString() },
  );
}

function failedWork(replayId: ReplayId, cause: unknown): DeliveryFailedError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
  return new DeliveryFailedError(
    `The work on the event at replay id ${replayId.toString()} failed: ${reason}. It was not settled and comes again ` +
      'with the next subscription; handle its error, or put it aside, to go on without it.',
    { replayId: replayId.toString(), cause },
  );
}
