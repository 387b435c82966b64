import { Subscription, type SchedulerLike } from 'rxjs';
import type { SourceDelivery } from '../delivery/source-delivery.js';
import { monotonicNow } from '../model/monotonic.js';
import type { EventPlace, PositionGate } from '../position/position-gate.js';
import type { PositionMemory } from '../position/position-memory.js';

/** The rules by which a gate decides. */
export interface GateRules {
  /** How many events without work lead to a decision. */
  readonly window: number;
  /** Whether a finding ends the subscription. Otherwise the gate opens with a warning. */
  readonly isStrict: boolean;
}

/** Receives the reports of a gate. */
export interface GateListener {
  /** Events were delivered, and nothing works on them. */
  unheld(): void;
  /** Positions may move from here on. */
  opened(): void;
  /** Positions move, although a plain operator has emitted nothing: it drops events, keeps them, or works. */
  unseen(): void;
}

/**
 * The state of a gate. `proven`: somebody works. `waived`: no work was seen in time, but there is no sign of a mistake,
 * so the stream continues. `passed`: no work was seen for long after that either, so positions move. `failed`: nothing
 * passes any more.
 */
type GateState = 'closed' | 'waived' | 'passed' | 'proven' | 'failed';

/** How long the gate waits for a sign of work, counted from the first event, in milliseconds. */
export const PROOF_MS = 10_000;

/**
 * How long positions wait after that, in milliseconds. Events that a filter drops look the same as events that an
 * operator keeps until it emits, and few operators keep anything for longer. Events dropped meanwhile come again after
 * a crash, and are dropped again.
 */
export const WAIVER_MS = 600_000;

/**
 * Decides whether a position may move past events. It may only where the pipeline is known to work on them. Until then
 * the position stays before events that were settled without work, so that nothing is lost when a mistake is found
 * later.
 */
export class CommitGate implements PositionGate {
  private state: GateState = 'closed';
  /** Those who have announced that they work. */
  private announcers: Set<object> | undefined;
  /** The first event that was settled without work since somebody last worked. */
  private unworked: EventPlace | undefined;
  /** Whether an event left the known part of the pipeline, and nobody worked on it. */
  private hasLeft = false;
  /**
   * Something after the work may also work. While this doubt is open, nothing is committed, and the stream continues.
   */
  private doubts: 'none' | 'open' | 'over' = 'none';
  private doubted: EventPlace | undefined;
  private readonly timers = new Subscription();
  private isTimeUp = false;
  private isTiming = false;
  private isTold = false;
  private leftCount = 0;
  /** Operators that have withheld events, and have not completed by themselves. */
  private withholding: Set<object> | undefined;
  private readonly recentlyLeft: { readonly at: number; readonly place: EventPlace }[] = [];

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly rules: GateRules,
    private readonly memory: PositionMemory,
    private readonly listener: GateListener,
  ) {}

  /** For subscriptions where a delivered event counts as done once it was passed on. */
  openForGood(): void {
    this.state = 'proven';
  }

  /** Whether a position may move past settled events. */
  get isOpen(): boolean {
    return (this.state === 'proven' || this.state === 'passed') && this.doubts !== 'open';
  }

  /** Whether the stream waits for the gate. While only a doubt closes the gate, the stream continues. */
  get holdsDemand(): boolean {
    return this.state === 'failed' || (this.state === 'closed' && this.unworked !== undefined);
  }

  /** Whether nothing passes any more. */
  get isShut(): boolean {
    return this.state === 'failed';
  }

  /** The event that a position stands before while the gate is closed, if any. */
  get limit(): EventPlace | undefined {
    if (this.isOpen) return undefined;
    return this.firstInQuestion;
  }

  /** The first event for which it is unknown whether anybody works or has worked on it. */
  get firstInQuestion(): EventPlace | undefined {
    const doubted = this.doubts === 'open' ? this.doubted : undefined;
    const { unworked } = this;
    return doubted && unworked && doubted.index < unworked.index ? doubted : (unworked ?? doubted);
  }

  /** Whether somebody is known to work. */
  get isProven(): boolean {
    return this.state === 'proven';
  }

  /** Whether an operator or subscriber has announced that it works. */
  get isAnnounced(): boolean {
    return this.announcers !== undefined && this.announcers.size > 0;
  }

  /** Whether nothing is committed because something after the work may also work. */
  get isInDoubt(): boolean {
    return this.doubts === 'open';
  }

  /** The first event that nobody worked on. It is remembered until somebody works on one. */
  get firstUnworked(): EventPlace | undefined {
    return this.unworked;
  }

  /** The first event of the last minute that left the known part of the pipeline without work. */
  get firstLeft(): EventPlace | undefined {
    return this.recentlyLeft[0]?.place;
  }

  /** Events came. */
  received(): void {
    if (this.state !== 'closed' || this.isTiming) return;
    this.memory.since ??= monotonicNow(this.scheduler);
    this.startClock();
  }

  announce(by: object): void {
    (this.announcers ??= new Set()).add(by);
  }

  /** One who has announced itself does not work on events. */
  retract(by: object): void {
    this.announcers?.delete(by);
  }

  /** Somebody works on an event. */
  prove(): void {
    if (this.state === 'proven' || this.state === 'failed') return;
    this.unworked = undefined;
    this.hasLeft = false;
    this.memory.unworked = 0;
    this.memory.since = undefined;
    this.open('proven');
  }

  /** An event was settled without work. */
  settledUnworked(delivery: SourceDelivery): void {
    if (this.state === 'proven' || this.state === 'failed') return;
    this.unworked ??= placeOf(delivery);
  }

  /** An event left the known part of the pipeline, and nobody worked on it. */
  left(delivery: SourceDelivery): void {
    this.noteLeft(delivery);
    if (this.state === 'proven' || this.state === 'failed' || this.isTold) return;
    const place = placeOf(delivery);
    this.hasLeft = true;
    this.memory.unworked++;
    if ((this.state === 'waived' || this.state === 'passed') && !this.isAnnounced) this.closeAgain(place);
    const { since = Infinity, unworked } = this.memory;
    if (unworked >= this.rules.window || monotonicNow(this.scheduler) - since >= PROOF_MS) this.decide();
  }

  /** Closes the gate again, as filters had dropped everything until now. */
  private closeAgain(place: EventPlace): void {
    // Where the gate has not passed yet, the position stays before the events that were dropped until then.
    if (this.state === 'passed') this.unworked = place;
    this.state = 'closed';
    this.isTimeUp = false;
    this.memory.since = monotonicNow(this.scheduler);
    this.startClock();
  }

  /** Notes at most one event a second, and only one of many. These are enough positions to go back to. */
  private noteLeft(delivery: SourceDelivery): void {
    if (this.leftCount++ % LEFT_SAMPLE !== 0) return;
    const at = monotonicNow(this.scheduler);
    const last = this.recentlyLeft.at(-1);
    if (last !== undefined && at - last.at < 1_000) return;
    this.recentlyLeft.push({ at, place: placeOf(delivery) });
    if (this.recentlyLeft.length > MOST_LEFT) this.recentlyLeft.shift();
  }

  /** A plain operator emitted nothing for an event. */
  withheld(operator: object): void {
    if (!this.isOpen) (this.withholding ??= new Set()).add(operator);
  }

  /** A plain operator has completed by itself. */
  finished(operator: object): void {
    this.withholding?.delete(operator);
  }

  /** Something after the work withholds values, as a filter or other work does. */
  doubt(delivery: SourceDelivery): void {
    if (this.doubts !== 'none') return;
    this.doubts = 'open';
    this.doubted = placeOf(delivery);
    this.timers.add(this.scheduler.schedule(() => this.undoubt(), PROOF_MS));
  }

  /** Ends the doubt: the operator in doubt does not work. */
  undoubt(): void {
    if (this.doubts !== 'open') return;
    this.doubts = 'over';
    if (this.isOpen) this.listener.opened();
  }

  /** Nothing passes any more. */
  fail(): void {
    this.state = 'failed';
    this.memory.unworked = 0;
    this.memory.since = undefined;
    this.stop();
  }

  /**
   * The subscription is over. Where every operator that withheld events has completed by itself, the withheld events
   * are done or dropped, and the position may move at once.
   */
  end(): void {
    if (!this.withholding?.size) {
      this.undoubt();
      if ((this.state === 'closed' || this.state === 'waived') && !this.hasLeft) this.open('passed');
    }
    this.stop();
  }

  private stop(): void {
    this.timers.unsubscribe();
  }

  private startClock(): void {
    this.isTiming = true;
    this.timers.add(
      this.scheduler.schedule(() => {
        this.isTiming = false;
        this.isTimeUp = true;
        this.decide();
      }, PROOF_MS),
    );
  }

  private decide(): void {
    if (this.state !== 'closed') return;
    if (this.isAnnounced || !this.hasLeft) {
      // Filters drop everything, or the operator that works has not received an event yet. A full window is no reason
      // to give up: it waits.
      if (!this.isTimeUp) return;
      this.waive();
      return;
    }
    this.isTold = true;
    if (this.rules.isStrict) this.fail();
    else this.open('passed');
    this.listener.unheld();
  }

  private waive(): void {
    this.open('waived');
    this.timers.add(
      this.scheduler.schedule(() => {
        if (this.state !== 'waived') return;
        const isUnseen = this.withholding !== undefined && this.withholding.size > 0;
        this.open('passed');
        if (isUnseen) this.listener.unseen();
      }, WAIVER_MS),
    );
  }

  private open(state: 'waived' | 'proven' | 'passed'): void {
    this.state = state;
    if (this.isOpen) this.withholding = undefined;
    this.listener.opened();
  }
}

/** One of so many events that leave is looked at, so that the clock is not read for each. */
const LEFT_SAMPLE = 64;

/** How many seconds the first event that left the known pipeline is remembered for. */
const MOST_LEFT = 60;

/** A copy of a place, as a position is changed when its event is settled. */
function placeOf({ index, before, replayId }: EventPlace): EventPlace {
  return { index, before, replayId };
}
