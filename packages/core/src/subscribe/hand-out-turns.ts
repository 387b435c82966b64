import type { Deliveries } from '../delivery/deliveries.js';
import type { Demand } from '../stream-life/demand.js';
import type { Inbox } from './inbox.js';

/** What is handed out in turns. */
export interface HandOutTurnsParts {
  readonly nextTurn: (work: () => void) => void;
  readonly demand: Pick<Demand, 'pressure' | 'unsettled'>;
  readonly deliveries: Pick<Deliveries, 'kept' | 'flush'>;
  readonly inbox: Pick<Inbox, 'drain'>;
  /** The window is full of events that are not settled. Reported once, until one is. */
  readonly pressed: () => void;
  /** Something in a turn of ours threw. */
  readonly failed: (error: unknown) => void;
}

/** When events are handed out: in later turns than they came in. */
export class HandOutTurns {
  /** Whether pressure was reported, and no event settled since. */
  isPressed = false;
  private isStopped = false;
  private isHandOutDue = false;
  private isFlushDue = false;

  constructor(private readonly parts: HandOutTurnsParts) {}

  /**
   * In a later turn, for two reasons: what was asked for on receipt leaves before a slow handler takes the thread, and a
   * response that came inside a request, which may be inside a settlement, emits nothing there.
   */
  handOutLater(): void {
    if (this.isHandOutDue) return;
    this.isHandOutDue = true;
    this.parts.nextTurn(() => {
      this.isHandOutDue = false;
      if (!this.isStopped) this.guard(() => this.handOutAll());
    });
  }

  /** In a later turn: the last event may be on its way into a batch that is full with it, or to others as well. */
  flushIfStalled(): void {
    if (!this.isStalled || this.isFlushDue) return;
    this.isFlushDue = true;
    this.parts.nextTurn(() => {
      this.isFlushDue = false;
      if (this.isStalled) this.guard(() => this.parts.deliveries.flush());
    });
  }

  /** Hands out nothing more. Who keeps events lets go of them all the same. */
  stop(): void {
    this.isStopped = true;
  }

  private handOutAll(): void {
    const { inbox, demand, pressed } = this.parts;
    inbox.drain();
    if (demand.pressure && !this.isPressed) {
      this.isPressed = true;
      pressed();
    }
    this.flushIfStalled();
  }

  /** The window is full of events that are all kept until others come, and none can: who keeps them lets go. */
  private get isStalled(): boolean {
    const { demand, deliveries } = this.parts;
    return demand.pressure && deliveries.kept >= demand.unsettled;
  }

  /** An error in here is this subscription's, and must not become the process's. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.parts.failed(error);
    }
  }
}
