import type { SchedulerLike } from 'rxjs';
import type { Deliveries } from '../delivery/deliveries.js';
import { SourceDelivery } from '../delivery/source-delivery.js';
import type { Delivery } from '../delivery/delivery.js';
import type { KeptFinding, PipelineListener } from '../delivery/subscribing.js';
import type { RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { Logger } from '../ports/logger.js';
import type { Tell } from '../ports/status.js';
import type { EventPlace } from '../position/position-gate.js';
import type { DemandOptions } from '../stream-life/demand.js';
import { CommitGate } from './commit-gate.js';
import { isForALog } from './pipeline-behind.js';
import type { PositionMemory } from '../position/position-memory.js';
import {
  committedAhead,
  endedInDoubt,
  endedUnheld,
  keptError,
  lateError,
  returnedWarning,
  unseenWarning,
  settledEarlyError,
  unheldError,
} from './settled-early.js';

/**
 * The options of a subscription for settlement: when events count as done, and what follows where nobody works on them.
 */
export interface SettlementRules {
  readonly demand: Pick<DemandOptions, 'window'>;
  readonly earlySettlement: 'error' | 'warn';
  readonly settle: 'on-hold' | 'on-return';
  readonly onUnheld: 'error' | 'warn' | undefined;
}

/** The parts of a watch, and its actions. */
export interface SettlementParts {
  readonly scheduler: SchedulerLike;
  readonly logger: Logger;
  readonly topic: string;
  readonly tell: Tell;
  readonly deliveries: () => Deliveries;
  /** Whether the position outlives the process. */
  readonly isDurable: boolean;
  readonly memory: PositionMemory;
  /** The gate has opened. */
  readonly opened: () => void;
  /** Stops all deliveries. */
  readonly halt: () => void;
  /**
   * Takes the position back to before an event, and calls back once that is durable. The callback receives the
   * committed position where that is past the event and cannot be taken back.
   */
  readonly setBack: (before: EventPlace | undefined, done: (ahead?: ReplayId) => void) => void;
  readonly failed: (error: RxforceError) => void;
}

/**
 * Checks whether the pipeline downstream of a subscription works on its events. Where it does not, the watch ends the
 * subscription without a loss.
 */
export class SettlementWatch implements PipelineListener {
  readonly gate: CommitGate;
  private isOver = false;
  private hasWarned = false;
  private hasReturned = false;

  constructor(
    private readonly options: SettlementRules,
    private readonly parts: SettlementParts,
  ) {
    const { scheduler, isDurable, memory, opened } = parts;
    const isStrict = (options.onUnheld ?? (isDurable ? 'error' : 'warn')) === 'error';
    this.gate = new CommitGate(scheduler, { window: options.demand.window, isStrict }, memory, {
      unheld: () => this.unheld(isStrict),
      opened,
      unseen: () => isDurable && this.warn(unseenWarning(parts.topic)),
    });
    if (options.settle === 'on-return') this.gate.openForGood();
  }

  announced(by: object): void {
    this.gate.announce(by);
  }

  retracted(by: object): void {
    this.gate.retract(by);
  }

  /** The last subscriber's `next` has returned something other than a promise. No more can be seen of it. */
  returned(): void {
    if (this.hasReturned || this.gate.isAnnounced || this.gate.isProven) return;
    this.hasReturned = true;
    this.gate.prove();
    if (this.parts.isDurable) this.warn(returnedWarning(this.parts.topic));
  }

  finished(operator: object): void {
    this.gate.finished(operator);
  }

  kept(finding: KeptFinding): Error | undefined {
    if (this.isOver || this.options.settle === 'on-return') return undefined;
    const place = this.oldestOf(finding.first) ?? this.gate.firstInQuestion;
    const { replayId } = place ?? {};
    // What follows an operator that works on groups alone follows no work.
    if (isForALog(finding) && (this.gate.isAnnounced || this.gate.isProven)) {
      if (!finding.bare || finding.isLast) this.gate.undoubt();
      this.tell(replayId);
      return undefined;
    }
    return this.find(keptError(this.parts.topic, finding, replayId), place);
  }

  late(): void {
    const place = this.gate.isProven ? this.gate.firstLeft : this.gate.firstUnworked;
    if (this.isOver || this.gate.firstLeft === undefined || place === undefined) return;
    if (this.options.settle === 'on-return') return;
    const { replayId } = place;
    this.find(lateError(this.parts.topic, replayId), place);
  }

  /** An operator received an event that was already settled, without work. */
  settledEarly(delivery: SourceDelivery, beside: 'alone' | 'among-others'): void {
    if (this.isOver) return;
    const { replayId } = delivery;
    this.parts.tell('settledEarly', () => ({ replayId, beside }));
    this.enforce(settledEarlyError(this.parts.topic, delivery.title, replayId), delivery);
  }

  /** The subscription is over. */
  stop(): void {
    this.gate.end();
    if (!this.isOver && this.parts.isDurable) this.warnOfEnd();
    this.isOver = true;
  }

  /** Warns that the position has not moved. */
  private warnOfEnd(): void {
    const { isAnnounced, isProven, isOpen, isInDoubt, firstLeft } = this.gate;
    if (isProven && isInDoubt) this.warn(endedInDoubt(this.parts.topic));
    if (!isAnnounced && !isProven && !isOpen && firstLeft) this.warn(endedUnheld(this.parts.topic));
  }

  private unheld(isStrict: boolean): void {
    const { firstUnworked } = this.gate;
    const error = unheldError(this.parts.topic, firstUnworked?.replayId);
    if (isStrict) this.end(error, firstUnworked);
    else this.warn(error.message);
  }

  private find(error: RxforceError, place: EventPlace | undefined): Error | undefined {
    const { isDurable } = this.parts;
    // Nothing is lost where nobody stores the position and nobody works on the events.
    if (!isDurable && !this.gate.isAnnounced && !this.gate.isProven) return undefined;
    if (this.options.earlySettlement === 'error') this.tell(place?.replayId);
    return this.enforce(error, place);
  }

  private enforce(error: RxforceError, place: EventPlace | undefined): Error | undefined {
    if (this.options.earlySettlement === 'error') return this.end(error, place);
    this.warn(error.message);
    return undefined;
  }

  /**
   * Ends the subscription with an error that loses nothing. The position goes back to before the first event that was
   * not worked on, or not yet.
   *
   * @returns The error, where it was raised at once.
   */
  private end(error: RxforceError, place: EventPlace | undefined): Error | undefined {
    this.isOver = true;
    const { halt, setBack, failed, deliveries } = this.parts;
    const { firstInQuestion } = this.gate;
    this.gate.fail();
    // An operator such as retry() may swallow the error.
    if (this.parts.memory.endings++ > 0) this.warn(error.message);
    halt();
    const { oldestOpen } = deliveries().watermark;
    const first = [place, oldestOpen, firstInQuestion].reduce((a, b) => (!a || (b && b.index < a.index) ? b : a));
    let raised: RxforceError | undefined;
    setBack(first, (ahead) => {
      raised = ahead ? committedAhead(error, first?.before, ahead) : error;
      failed(raised);
    });
    return raised;
  }

  private tell(replayId: ReplayId | undefined): void {
    if (replayId) this.parts.tell('settledEarly', () => ({ replayId, beside: 'alone' }));
  }

  private warn(message: string): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.parts.logger.warn(message);
  }

  /** The oldest event of a delivery that belongs to this subscription. */
  private oldestOf(delivery: unknown): EventPlace | undefined {
    const parts = (delivery as Delivery | undefined)?.parts() ?? [];
    return parts
      .filter((part): part is SourceDelivery => part instanceof SourceDelivery && part.isOf(this.parts.deliveries()))
      .sort((a, b) => a.index - b.index)[0];
  }
}
