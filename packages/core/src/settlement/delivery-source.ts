import type { Observable, Subscriber, TeardownLogic } from 'rxjs';
import { carrying } from '../delivery/carrying.js';
import type { Deliveries } from '../delivery/deliveries.js';
import type { SourceDelivery } from '../delivery/source-delivery.js';
import { TrackedObservable } from '../delivery/tracked-observable.js';
import { isThenable } from '../delivery/waiting-observer.js';
import type { RxforceError } from '../model/errors.js';
import type { PositionMemory } from '../position/position-memory.js';
import {
  resolveDeliverySource,
  type DeliverySourceOptions,
  type ResolvedDeliverySource,
} from './delivery-source-options.js';
import { PipelineBehind } from './pipeline-behind.js';
import { PlacedDelivery } from './placed-delivery.js';
import { reportedAhead } from './settled-early.js';
import { SettlementWatch } from './settlement-watch.js';
import { watchedDeliveries } from './watched-deliveries.js';

/** Takes the values of a source of one's own. */
export interface DeliverySink<T, P> {
  /**
   * Delivers a value downstream, and holds it during the call. Afterwards it is settled as soon as all work on it is
   * done.
   *
   * @param place - What `settled` and `unsettled` are called with.
   */
  deliver(value: T, place: P): void;
  /** Ends with an error. What was delivered is still settled when its work is done. */
  error(error: unknown): void;
  /** Ends. What was delivered is still settled when its work is done. */
  complete(): void;
  /**
   * Resolves with how many values may be delivered now, as soon as there is room for one; with 0 once the subscription
   * is over. A source that asks before it receives is slowed down by slow work.
   */
  room(): Promise<number>;
  /**
   * Nothing more comes for now. Operators that collect values release what they keep, once nothing else is in work. It
   * holds until the next value is delivered.
   */
  quiet(): void;
  /**
   * Resolves once nothing delivered is in work any more, and what `settled` and `unsettled` returned is done. It also
   * does so after the end of the subscription.
   */
  ended(): Promise<void>;
  /** How many values are delivered, and neither settled nor given up. */
  readonly unsettled: number;
  /** Whether the subscription is over. */
  readonly closed: boolean;
}

/**
 * The deliveries of a source of one's own as a cold Observable: of a queue, a file, a snapshot. Its values are held and
 * settled by operators as a client's events are. Pipelines that would settle a value before its work is done are
 * recognized as they are for a client: the subscription errors, and nothing that was not worked on is settled.
 *
 * ```ts
 * const orders$ = deliverySource<Order, Message>(
 *   async (sink) => {
 *     for (let room = await sink.room(); room > 0; room = await sink.room()) {
 *       for (const message of await queue.receive(room)) sink.deliver(JSON.parse(message.body), message);
 *     }
 *   },
 *   { name: 'the queue orders', settled: (message) => queue.remove(message), onFailure: 'unsettled' },
 * );
 * ```
 *
 * @param begin - Called for each subscription. Returns what ends it, as for an RxJS Observable, or a promise. The
 * subscription errors with what it throws, or rejects with.
 * @throws `ConfigurationError` when an option is missing or out of its range.
 */
export function deliverySource<T, P>(
  begin: (sink: DeliverySink<T, P>) => TeardownLogic | PromiseLike<unknown>,
  options: DeliverySourceOptions<P>,
): Observable<T> & AsyncIterable<T> {
  const rules = resolveDeliverySource(options);
  const memory: PositionMemory = { unworked: 0, endings: 0, since: undefined, running: new Set() };
  const values$ = new TrackedObservable<T>((subscriber) => {
    const deliveries = new PlacedDeliveries<T, P>(rules, memory, subscriber);
    const pipeline = PipelineBehind.of(values$ as TrackedObservable<never>, subscriber);
    pipeline.reach(deliveries.watch);
    subscriber.add(() => deliveries.stop());
    const ending = begin(deliveries);
    if (isThenable(ending)) ending.then(undefined, (error: unknown) => deliveries.error(error));
    else subscriber.add(ending);
  });
  return values$;
}

/** The values of one subscription, from their delivery to their settlement. */
class PlacedDeliveries<T, P> implements DeliverySink<T, P> {
  readonly watch: SettlementWatch;
  private readonly deliveries: Deliveries;
  /** What was delivered and has not ended. */
  private readonly open = new Map<SourceDelivery, P>();
  /** What is settled, and is reported once it is known that somebody works. */
  private settledUnproven: { readonly place: P; readonly index: number }[] = [];
  /** The last value that was reported as settled, counted from 0. */
  private lastReported = -1;
  private isStopped = false;
  private isQuiet = false;
  /** How many reports of settlements are not done. */
  private reporting = 0;
  private waitingForRoom: ((room: number) => void)[] = [];
  private waitingForEnd: (() => void)[] = [];

  constructor(
    private readonly rules: ResolvedDeliverySource<P>,
    memory: PositionMemory,
    private readonly subscriber: Subscriber<T>,
  ) {
    this.deliveries = watchedDeliveries(rules.scheduler, () => this.watch, false, {
      settled: (delivery) => this.settled(delivery),
      unsettled: (delivery, cause) => this.gaveUp(delivery, cause),
      ended: () => this.checkEnd(),
      failed: (error) => rules.onFailure === 'error' && subscriber.error(error),
      kept: () => this.flushIfStalled(),
      isLive: () => !subscriber.closed,
    });
    this.watch = this.newWatch(memory);
  }

  get closed(): boolean {
    return this.subscriber.closed;
  }

  get unsettled(): number {
    return this.open.size + this.settledUnproven.length;
  }

  private newDelivery(place: P): PlacedDelivery {
    const { describe, isLost } = this.rules;
    return new PlacedDelivery(
      this.deliveries,
      () => describe(place),
      () => isLost(place),
    );
  }

  deliver(value: T, place: P): void {
    if (this.closed) {
      this.report(this.rules.unsettled, place, undefined);
      return;
    }
    const delivery = this.deliveries.enter(this.newDelivery(place));
    this.open.set(delivery, place);
    this.isQuiet = false;
    this.watch.gate.received();
    delivery.deliver(this.subscriber, carrying(value, delivery));
  }

  error(error: unknown): void {
    this.subscriber.error(error);
  }

  complete(): void {
    this.subscriber.complete();
  }

  room(): Promise<number> {
    return new Promise((resolve) => {
      this.waitingForRoom.push(resolve);
      this.offerRoom();
    });
  }

  quiet(): void {
    this.isQuiet = true;
    this.flushIfStalled();
  }

  ended(): Promise<void> {
    return new Promise((resolve) => {
      this.waitingForEnd.push(resolve);
      this.checkEnd();
    });
  }

  /** The subscription is over. Work under way may still settle what it works on. */
  stop(): void {
    this.watch.stop();
    this.isStopped = true;
    this.reportSettled();
    this.offerRoom();
  }

  private settled(delivery: SourceDelivery): void {
    this.settledUnproven.push({ place: this.placeOf(delivery), index: delivery.index });
    this.reportSettled();
    this.offerRoom();
  }

  private gaveUp(delivery: SourceDelivery, cause: unknown): void {
    this.report(this.rules.unsettled, this.placeOf(delivery), cause);
    this.offerRoom();
  }

  /** The place of a delivery that ends. */
  private placeOf(delivery: SourceDelivery): P {
    const place = this.open.get(delivery) as P;
    this.open.delete(delivery);
    return place;
  }

  /** Reports what is settled. While it is not known whether anybody works, it waits, or is given up at the end. */
  private reportSettled(): void {
    const { isOpen } = this.watch.gate;
    if (!isOpen && !this.isStopped) return;
    const due = this.settledUnproven;
    this.settledUnproven = [];
    due.forEach(({ place, index }) => {
      if (isOpen) this.lastReported = Math.max(this.lastReported, index);
      this.report(isOpen ? this.rules.settled : this.rules.unsettled, place, undefined);
    });
  }

  private report(told: (place: P, error: unknown) => unknown, place: P, cause: unknown): void {
    try {
      const answer = told(place, cause);
      if (!isThenable(answer)) return;
      this.reporting++;
      const over = () => {
        this.reporting--;
        this.checkEnd();
      };
      answer.then(over, (error: unknown) => {
        this.reportFailed(error);
        over();
      });
    } catch (error) {
      this.reportFailed(error);
    }
  }

  /** After the end there is nobody to hear of it but the log. */
  private reportFailed(error: unknown): void {
    const { name, logger } = this.rules;
    if (this.closed) logger.warn(`${name}: a value could not be reported, and may come again: ${String(error)}`);
    else this.subscriber.error(error);
  }

  private get freeRoom(): number {
    const unproven = this.watch.gate.holdsDemand ? this.settledUnproven.length : 0;
    return Math.max(0, this.rules.window - this.open.size - unproven);
  }

  private offerRoom(): void {
    const room = this.closed ? 0 : this.freeRoom;
    if (this.waitingForRoom.length === 0 || (room === 0 && !this.closed)) return;
    const waiting = this.waitingForRoom;
    this.waitingForRoom = [];
    waiting.forEach((resolve) => resolve(room));
  }

  private checkEnd(): void {
    if (this.deliveries.inWork + this.deliveries.running.size + this.reporting > 0) return;
    const waiting = this.waitingForEnd;
    this.waitingForEnd = [];
    waiting.forEach((resolve) => resolve());
  }

  /** In a later turn, as a value may be on its way to other operators. */
  private flushIfStalled(): void {
    this.rules.scheduler.schedule(() => this.isStalled && this.deliveries.flush());
  }

  /** Whether all values are kept until others come, and no others can come. */
  private get isStalled(): boolean {
    return (this.isQuiet || this.freeRoom === 0) && this.open.size > 0 && this.deliveries.kept === this.open.size;
  }

  private newWatch(memory: PositionMemory): SettlementWatch {
    const { rules, subscriber } = this;
    const { scheduler, logger, name, window, settle, earlySettlement, onUnheld } = rules;
    let isReportedAhead = false;
    return new SettlementWatch(
      { demand: { window }, earlySettlement, settle, onUnheld },
      {
        scheduler,
        logger,
        memory,
        topic: name,
        tell: () => undefined,
        deliveries: () => this.deliveries,
        isDurable: true,
        opened: () => {
          this.reportSettled();
          this.offerRoom();
        },
        halt: () => undefined,
        setBack: (place, done) => {
          isReportedAhead = place !== undefined && place.index <= this.lastReported;
          done();
        },
        failed: (error: RxforceError) => subscriber.error(isReportedAhead ? reportedAhead(error) : error),
      },
    );
  }
}
