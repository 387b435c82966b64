import { Subscription, type SchedulerLike } from 'rxjs';
import type { SourceDelivery } from '../delivery/source-delivery.js';
import { monotonicNow } from '../model/monotonic.js';
import type { EventPlace, PositionGate } from '../position/position-gate.js';
import type { PositionMemory } from '../position/position-memory.js';

/** How a gate decides. */
export interface GateRules {
  /** After how many events without work somebody is told. */
  readonly window: number;
  /** Whether a finding ends the subscription; otherwise the gate opens, and it is warned of. */
  readonly isStrict: boolean;
}

/** What a gate tells its subscription. */
export interface GateListener {
  /** Events were handed out, and nothing works on them. */
  unheld(): void;
  /** Positions may move from here on. */
  opened(): void;
  /** Positions move, though an operator behind which nobody is has given nothing on: a filter, or work. */
  unseen(): void;
}

/**
 * Where the gate stands. `proven`: somebody works. `waived`: nobody was seen to work in time, and nothing speaks against it, so
 * the stream goes on. `passed`: nor for long after that, so positions move. `failed`: nothing passes any more.
 */
type GateState = 'closed' | 'waived' | 'passed' | 'proven' | 'failed';

/** How long it is waited for a sign of work, counted from the first event, in milliseconds. */
export const PROOF_MS = 10_000;

/**
 * How long positions wait after that, in milliseconds. What a filter drops cannot be told from what an operator keeps until it
 * emits, and few keep anything for longer. What was dropped meanwhile comes again after a crash, to be dropped again.
 */
export const WAIVER_MS = 600_000;

/**
 * Whether a position may move past events: only where the pipeline is known to work on them. Until then what was settled
 * without work stays where it is, so that an error found later has lost nothing.
 */
export class CommitGate implements PositionGate {
  private state: GateState = 'closed';
  private announced = false;
  /** The first event that was settled, and that nobody had worked on, since somebody last did. */
  private unworked: EventPlace | undefined;
  /** Whether an event left what is known of the pipeline, and nobody worked on it. */
  private hasLeft = false;
  /** Something behind the work may work too: until this is over nothing is committed, and the stream goes on. */
  private doubts: 'none' | 'open' | 'over' = 'none';
  private doubted: EventPlace | undefined;
  private readonly timers = new Subscription();
  private isTimeUp = false;
  private isTiming = false;
  private isTold = false;
  private hasWithheld = false;
  private leftCount = 0;
  /** Operators that have withheld events, and have not completed by themselves. */
  private readonly withholding = new Set<object>();
  private readonly recentlyLeft: { readonly at: number; readonly place: EventPlace }[] = [];

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly rules: GateRules,
    private readonly memory: PositionMemory,
    private readonly listener: GateListener,
  ) {}

  /** Where everything that was handed out counts as done when it was passed on. */
  openForGood(): void {
    this.state = 'proven';
  }

  /** Whether a position may move past what was settled. */
  get isOpen(): boolean {
    return (this.state === 'proven' || this.state === 'passed') && this.doubts !== 'open';
  }

  /** Whether the stream waits for the gate: while only a doubt closes it, it goes on. */
  get holdsDemand(): boolean {
    return this.state === 'failed' || (this.state === 'closed' && this.unworked !== undefined);
  }

  /** Whether nothing passes any more. */
  get isShut(): boolean {
    return this.state === 'failed';
  }

  /** Before which event a position stands while the gate is closed, if before any. */
  get limit(): EventPlace | undefined {
    if (this.isOpen) return undefined;
    return this.firstInQuestion;
  }

  /** The first event of which it is not known whether anybody works on it, or has. */
  get firstInQuestion(): EventPlace | undefined {
    const doubted = this.doubts === 'open' ? this.doubted : undefined;
    const { unworked } = this;
    return doubted && unworked && doubted.index < unworked.index ? doubted : (unworked ?? doubted);
  }

  /** Whether somebody is known to work. */
  get isProven(): boolean {
    return this.state === 'proven';
  }

  /** Whether anybody said that he works. */
  get isAnnounced(): boolean {
    return this.announced;
  }

  /** Whether nothing is committed, because something behind the work may work as well. */
  get isInDoubt(): boolean {
    return this.doubts === 'open';
  }

  /** The first event that nobody worked on; remembered until somebody works on one. */
  get firstUnworked(): EventPlace | undefined {
    return this.unworked;
  }

  /** The first event of the last minute that left what is known of the pipeline and was not worked on. */
  get firstLeft(): EventPlace | undefined {
    return this.recentlyLeft[0]?.place;
  }

  /** Events came. */
  received(): void {
    if (this.state !== 'closed' || this.isTiming) return;
    this.memory.since ??= monotonicNow(this.scheduler);
    this.startClock();
  }

  announce(): void {
    this.announced = true;
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

  /** An event was settled that nobody worked on. */
  settledUnworked({ place }: SourceDelivery): void {
    if (this.state === 'proven' || this.state === 'failed') return;
    this.unworked ??= placeOf(place);
  }

  /** An event left what is known of the pipeline, or a pipeline that ends with nobody withheld it, and nobody worked on it. */
  left(delivery: SourceDelivery, how: 'left' | 'withheld'): void {
    if (how === 'withheld') {
      this.hasWithheld = true;
      return;
    }
    this.noteLeft(delivery);
    if (this.state === 'proven' || this.state === 'failed' || this.isTold) return;
    const place = placeOf(delivery.place);
    this.hasLeft = true;
    this.memory.unworked++;
    if ((this.state === 'waived' || this.state === 'passed') && !this.announced) this.closeAgain(place);
    const { since = Infinity, unworked } = this.memory;
    if (unworked >= this.rules.window || monotonicNow(this.scheduler) - since >= PROOF_MS) this.decide();
  }

  /** Until now filters had dropped everything. */
  private closeAgain(place: EventPlace): void {
    // Before what was dropped until then, where that has not passed yet.
    if (this.state === 'passed') this.unworked = place;
    this.state = 'closed';
    this.isTimeUp = false;
    this.memory.since = monotonicNow(this.scheduler);
    this.startClock();
  }

  /** One a second at most, and one of many: enough to go back to. */
  private noteLeft(delivery: SourceDelivery): void {
    if (this.leftCount++ % LEFT_SAMPLE !== 0) return;
    const at = monotonicNow(this.scheduler);
    const last = this.recentlyLeft.at(-1);
    if (last !== undefined && at - last.at < 1_000) return;
    this.recentlyLeft.push({ at, place: placeOf(delivery.place) });
    if (this.recentlyLeft.length > MOST_LEFT) this.recentlyLeft.shift();
  }

  /** A plain operator gave nothing on for an event. */
  withheld(operator: object): void {
    if (!this.isOpen) this.withholding.add(operator);
  }

  /** A plain operator has completed by itself. */
  finished(operator: object): void {
    this.withholding.delete(operator);
  }

  /** Something behind the work withholds values, as a filter does, or as work does. */
  doubt({ place }: SourceDelivery): void {
    if (this.doubts !== 'none') return;
    this.doubts = 'open';
    this.doubted = placeOf(place);
    this.timers.add(this.scheduler.schedule(() => this.undoubt(), PROOF_MS));
  }

  /** What was doubted does not work. */
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
   * The subscription is over. Where every operator that withheld events has completed by itself, what it withheld is done or
   * dropped, and the position may move at once.
   */
  end(): void {
    if (this.withholding.size === 0) {
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
    if (this.announced || !this.hasLeft) {
      // Filters drop everything, or whoever works has not had one yet. A full window is no reason to give up: it waits.
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
    this.timers.add(
      this.scheduler.schedule(() => {
        if (this.state !== 'waived') return;
        this.open('passed');
        if (this.hasWithheld && !this.announced) this.listener.unseen();
      }, WAIVER_MS),
    );
    this.open('waived');
  }

  private open(state: 'waived' | 'proven' | 'passed'): void {
    this.state = state;
    this.listener.opened();
  }
}

/** Of so many events that leave, one is looked at: the clock is not asked for each. */
const LEFT_SAMPLE = 64;

/** Seconds for which it is remembered which event left the known pipeline first. */
const MOST_LEFT = 60;

/** A position is changed when its event is settled: this is what it was. */
function placeOf({ index, before, replayId }: EventPlace): EventPlace {
  return { index, before, replayId };
}
