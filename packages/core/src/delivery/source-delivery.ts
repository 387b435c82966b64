import type { Subscriber } from 'rxjs';
import type { DeliveryFailedError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { FetchedEvent } from '../ports/fetched-event.js';
import type { Announcements } from './announcements.js';
import type { Delivery, DeliveryOutcome, Hold } from './delivery.js';
import { failedWork } from './delivery-errors.js';
import { emitInScope } from './emit-in-scope.js';
import type { OperatorRole } from './operator-role.js';
import { SourceHold, type HoldTarget } from './source-hold.js';
import type { OpenPosition, Watermark } from './watermark.js';

/** The reports of deliveries to their subscription. */
export interface DeliveriesListener {
  /** An event is settled, and its credit is back. The listener must not emit. */
  settled(delivery: SourceDelivery): void;
  /** An event that somebody worked on has ended, one way or the other. */
  ended(): void;
  /** An event will never be settled, although the subscription is alive. */
  failed(error: DeliveryFailedError): void;
  /** The work on an event failed or was dropped, so it will never be settled. Without an error, it was dropped. */
  unsettled?(delivery: SourceDelivery, cause: unknown): void;
  /** An operator received an event that was already settled, without work: `alone`, or beside others. */
  settledEarly(delivery: SourceDelivery, beside: 'alone' | 'among-others'): void;
  /** An event was delivered and settled without work. */
  settledUnheld?(delivery: SourceDelivery): void;
  /** Somebody works on an event. */
  worked?(): void;
  /** The last subscriber's `next` received an event, and has returned. */
  returned?(): void;
  /** An event that had left the known part of the pipeline has ended without work. */
  left?(delivery: SourceDelivery): void;
  /** A plain operator emitted nothing for an event. */
  withheld?(operator: object): void;
  /** Something after the work on an event may also work. */
  doubted?(delivery: SourceDelivery): void;
  /** One more event is only kept until others come. The listener checks whether any can come. */
  kept?(): void;
  /** Whether the subscription still wants events. */
  isLive(): boolean;
  /** Whether the lease that events came under is lost. */
  isLost?(): boolean;
}

/** The subscription's account of its deliveries. Each delivery updates it. */
export interface DeliveryOwner {
  readonly listener: DeliveriesListener;
  readonly watermark: Watermark;
  readonly announcements: Announcements;
  /** How many events are in work: claimed, and neither settled nor dropped. */
  inWork: number;
  /** How many claimed events are not settled: in work, or dropped. */
  unsettledWork: number;
  /** How many events in work are only kept, by all their holders, until others come. */
  kept: number;
  /** Counts the holds that keep an event until `flush`. */
  keptBy(flush: () => void, change: 1 | -1): void;
  /** Work on an event continues although the event was given up. */
  runsOn(work: PromiseLike<unknown>): void;
  /** Nothing will settle the event. */
  neverSettles(delivery: SourceDelivery): void;
}

/** For an event without a replay id, when no position is known at all. */
const NOWHERE = ReplayId.fromBytes(new Uint8Array());

/** One event of a subscription of ours, and its place in the stream, which the watermark sets. */
export class SourceDelivery implements Delivery, HoldTarget, OpenPosition {
  before: ReplayId | undefined;
  index = 0;
  replayId: ReplayId = NOWHERE;
  previous: OpenPosition | undefined;
  next: OpenPosition | undefined;
  isKept = false;
  takings = 0;
  private holds = 0;
  /** How many of the holds only keep the event until others come. */
  private keepers = 0;
  private state: 'open' | DeliveryOutcome = 'open';
  private claimed = false;
  /** Whether it is being delivered at this moment. */
  private isBeingHandedOut = false;
  /** How many of the holds are for collecting only. */
  private collectors = 0;
  private worked = false;
  /** Whether it has left the known part of the pipeline. It counts once the event has ended. */
  private hasLeft = false;
  private listeners: ((outcome: DeliveryOutcome) => void)[] | undefined;
  private checks: (() => unknown)[] | undefined;
  /** The id of the event's schema; empty where it came from no service. */
  readonly schemaId: string;
  /** The message that brought the event, until the event has ended. The event itself takes more, and is not kept. */
  private message: Buffer | undefined;
  private readonly start: number;
  private readonly end: number;

  constructor(
    private readonly owner: DeliveryOwner,
    event: FetchedEvent | undefined,
  ) {
    this.schemaId = event?.schemaId ?? '';
    this.message = event?.message;
    this.start = event?.start ?? 0;
    this.end = event?.end ?? 0;
  }

  get payload(): Buffer | undefined {
    return this.message?.subarray(this.start, this.end);
  }

  /** What it delivers, for messages. */
  get title(): string {
    return `the event at replay id ${this.replayId.toString()}`;
  }

  /** Delivers the event downstream, and holds it during the call. */
  deliver<T>(subscriber: Subscriber<T>, event: T): void {
    this.claim();
    let taken = false;
    this.isBeingHandedOut = true;
    try {
      taken = emitInScope(this, subscriber, event);
    } finally {
      this.isBeingHandedOut = false;
      // A hold that outlives the call counts as work, unless its role says that it only collects.
      if (this.holds - 1 > this.collectors) this.noteWork();
      if (!taken) this.neverSettle();
      this.releaseOne();
    }
  }

  /** Settles an event that is not delivered downstream. */
  settle(): void {
    if (this.state !== 'open') return;
    const fault = this.checks?.map((check) => check()).find((found) => found !== undefined);
    if (fault === undefined) this.finish('settled');
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

  /** Claims an event that is not delivered downstream. The claim does not show whether anybody works there. */
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
    this.hasLeft = true;
  }

  withheld(operator: object): void {
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

  isLost(): boolean {
    return this.owner.listener.isLost?.() === true;
  }

  /** Whether it belongs to this subscription. */
  isOf(owner: DeliveryOwner): boolean {
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
    // An event that never settles was not settled early, as it comes again. An event that was worked on is done,
    // however often it is replayed.
    if (this.state === 'settled' && !this.worked) this.owner.listener.settledEarly(this, beside);
  }

  /** For SourceHold: adds a hold. Returns whether it was in time. */
  addHold(collects: boolean): boolean {
    if (this.state !== 'open') return false;
    if (collects) this.collectors++;
    this.claim();
    return true;
  }

  /** For SourceHold: releases a hold of `addHold`. */
  releaseOne(collects = false): void {
    if (collects) this.collectors--;
    if (--this.holds === 0) this.settle();
    else this.noteKept();
  }

  /** For SourceHold: one of the holds starts or stops to keep the event only until others come. */
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
    this.owner.listener.unsettled?.(this, undefined);
    this.finish('unsettled');
    this.owner.neverSettles(this);
  }

  /** For SourceHold, and for guards. */
  fail(cause: unknown): void {
    if (this.state !== 'open') return;
    this.owner.listener.unsettled?.(this, cause);
    this.finish('unsettled');
    if (this.owner.listener.isLive() && !this.isLost()) this.owner.listener.failed(failedWork(this, cause));
  }

  /** For SourceHold. */
  onEnded(listener: (outcome: DeliveryOutcome) => void): void {
    const { state } = this;
    if (state === 'open') (this.listeners ??= []).push(listener);
    else this.owner.announcements.add(() => listener(state));
  }

  private noteKept(): void {
    const isKept = this.keepers > 0 && this.keepers === this.holds && this.state === 'open';
    if (isKept === this.isKept) return;
    this.isKept = isKept;
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

  private finish(outcome: DeliveryOutcome): void {
    this.state = outcome;
    this.message = undefined;
    this.checks = undefined;
    this.noteKept();
    const { listeners } = this;
    this.listeners = undefined;
    listeners?.forEach((listener) => this.owner.announcements.add(() => listener(outcome)));
    if (outcome === 'settled') {
      if (this.claimed) this.owner.unsettledWork--;
      this.owner.watermark.settle(this);
      if (this.claimed && !this.worked) this.owner.listener.settledUnheld?.(this);
      this.owner.listener.settled(this);
    }
    if (this.claimed) {
      if (this.hasLeft && !this.worked) this.owner.listener.left?.(this);
      this.owner.inWork--;
      this.owner.listener.ended();
    }
  }

  /** How Node prints it, inside an event. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Delivery(${this.state})`;
  }
}
