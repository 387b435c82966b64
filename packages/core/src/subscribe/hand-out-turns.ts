import type { Deliveries } from '../delivery/deliveries.js';
import type { Demand } from '../stream-life/demand.js';
import type { Inbox } from './inbox.js';

/** The parts of delivery in turns. */
export interface HandOutTurnsParts {
  readonly nextTurn: (work: () => void) => void;
  readonly demand: Pick<Demand, 'pressure' | 'unsettled'>;
  readonly deliveries: Pick<Deliveries, 'kept' | 'flush'>;
  readonly inbox: Pick<Inbox, 'drain'>;
  /** The window is full of unsettled events. Called once, until one of them is settled. */
  readonly pressed: () => void;
  /** What waited was delivered, as far as that can be done now. */
  readonly handedOut: () => void;
  /** An error was thrown in a turn of ours. */
  readonly failed: (error: unknown) => void;
}

/** Delivers events in later turns than they came in. */
export class HandOutTurns {
  /** Whether pressure was reported, and no event was settled since. */
  isPressed = false;
  private isStopped = false;
  private isHandOutDue = false;
  private isFlushDue = false;

  constructor(private readonly parts: HandOutTurnsParts) {}

  /**
   * Delivers in a later turn, for two reasons. A request made on the receipt of many events leaves before a slow
   * handler takes the thread. And a response that came inside a request, which may be inside a settlement, emits
   * nothing there.
   */
  handOutLater(): void {
    if (this.isHandOutDue) return;
    this.isHandOutDue = true;
    this.parts.nextTurn(() => {
      this.isHandOutDue = false;
      if (!this.isStopped) this.guard(() => this.handOutAll());
    });
  }

  /** Flushes in a later turn, as the last event may be on its way into a batch that it fills, or to other operators. */
  flushIfStalled(): void {
    if (!this.isStalled || this.isFlushDue) return;
    this.isFlushDue = true;
    this.parts.nextTurn(() => {
      this.isFlushDue = false;
      if (this.isStalled) this.guard(() => this.parts.deliveries.flush());
    });
  }

  /** Delivers nothing more. Operators that keep events are still flushed. */
  stop(): void {
    this.isStopped = true;
  }

  private handOutAll(): void {
    const { inbox, demand, pressed, handedOut } = this.parts;
    inbox.drain();
    handedOut();
    if (demand.pressure && !this.isPressed) {
      this.isPressed = true;
      pressed();
    }
    this.flushIfStalled();
  }

  /**
   * Whether the window is full of events that are all kept until others come. No others can come, so their keepers must
   * let go.
   */
  private get isStalled(): boolean {
    const { demand, deliveries } = this.parts;
    return demand.pressure && deliveries.kept >= demand.unsettled;
  }

  /** An error in here belongs to this subscription, and must not end the process. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.parts.failed(error);
    }
  }
}
