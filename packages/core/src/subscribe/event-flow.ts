import type { Subscriber } from 'rxjs';
import type { Deliveries } from '../delivery/deliveries.js';
import type { RxforceError } from '../model/errors.js';
import type { DemandFigures, Tell } from '../ports/status.js';
import type { FetchResponse } from '../ports/wire.js';
import type { HeldToken } from '../position/held-token.js';
import type { Place, PlaceListener } from '../position/place.js';
import type { StreamSource } from '../position/stream-source.js';
import { StuckWatch } from '../position/stuck-watch.js';
import { TipWatch } from '../position/tip-watch.js';
import { SettlementWatch } from '../settlement/settlement-watch.js';
import { watchedDeliveries } from '../settlement/watched-deliveries.js';
import { Demand } from '../stream-life/demand.js';
import type { StreamLife } from '../stream-life/stream-life.js';
import type { ReadingPlan } from './reading-plan.js';
import { Reception } from './reception.js';
import { reportedLife } from './reported-life.js';
import { retriedSchemas } from './retried-schemas.js';
import type { StreamContext } from './stream-context.js';
import type { ReadingFigures } from './subscription-state.js';
import { StreamWarnings } from './stream-warnings.js';

/**
 * After a response with more events, more is asked for before they are delivered, as their handlers may take the
 * thread. A request takes the thread for half a millisecond, and a few events do not wait for that.
 */
const FEW_EVENTS = 10;

/** The parts that events flow through, and the listeners. */
export interface EventFlowParts<E> {
  readonly context: StreamContext;
  readonly plan: ReadingPlan<E>;
  readonly subscriber: Subscriber<E>;
  /** The lease under which events flow. */
  readonly held: Pick<HeldToken, 'token' | 'isHeld' | 'fenced'> | undefined;
  readonly tell: Tell;
  /** Work on an event has ended. */
  readonly workEnded: () => void;
  /** The subscription cannot continue. */
  readonly failed: (error: unknown) => void;
}

/** The events of one subscription, from the request to the settlement: its demand, streams, deliveries and place. */
export class EventFlow<E> {
  /** Learns whether the pipeline works on events. */
  readonly watch: SettlementWatch;
  readonly deliveries: Deliveries;
  readonly place: Place;
  readonly source: StreamSource;
  readonly life: StreamLife;
  readonly reception: Reception<E>;
  private readonly warnings: StreamWarnings;
  private readonly demand: Demand;
  private readonly stuck: StuckWatch;
  private readonly tip: TipWatch;
  private isOpen = false;

  constructor(private readonly parts: EventFlowParts<E>) {
    const { context, plan, held, tell } = parts;
    const { topic, options, keeper } = plan;
    this.tip = new TipWatch(() => tell('replayReset', () => ({ from: undefined, policy: 'latest' })));
    this.warnings = new StreamWarnings(topic, context.logger, tell, context.scheduler);
    this.deliveries = this.newDeliveries();
    this.watch = this.newWatch();
    const { place, source } = keeper.parts({
      watermark: this.deliveries.watermark,
      gate: this.watch.gate,
      listener: this.placeListener(),
      fence: held?.token,
      jumped: () => this.warnings.jumped(this.deliveries.watermark.lastReceived),
    });
    this.place = place;
    this.source = source;
    this.demand = new Demand(options.demand, () => place.uncommittedInWindow());
    this.life = this.newLife();
    this.reception = this.newReception();
    this.stuck = this.newStuckWatch();
  }

  /** Asks for events, once the start is known. */
  open(): void {
    this.isOpen = true;
    this.request();
  }

  /** Asks for nothing more, and delivers nothing more. Work on events may continue, and still counts. */
  stop(): void {
    this.isOpen = false;
    this.watch.stop();
    this.reception.stop();
    this.stuck.stop();
  }

  /** What is known of the events at this moment. */
  readingFigures(): ReadingFigures {
    const { responseAgeMs } = this.life;
    const now = this.parts.context.scheduler.now();
    return {
      window: this.figures(),
      lagMs: this.lagMs(now),
      lastResponseAt: responseAgeMs === undefined ? undefined : Math.round(now - responseAgeMs),
    };
  }

  private lagMs(now: number): number | undefined {
    const oldest = this.deliveries.oldest;
    if (oldest === undefined) return 0;
    const { schemaId, payload } = oldest;
    const time = payload && this.parts.context.schemas.known(schemaId)?.timeOf(payload);
    return time === undefined ? undefined : Math.max(0, now - time);
  }

  /** Asks for as many events as there is room for. */
  private request(): void {
    if (this.isOpen) this.life.request();
  }

  private receive(response: FetchResponse): void {
    if (!this.isOpen) return;
    try {
      this.reception.receive(response);
      if (response.events.length > FEW_EVENTS) this.refill();
      // Otherwise once they are delivered.
      this.reception.turns.handOutLater();
    } catch (error) {
      // The error belongs to this subscription, and must not end the process.
      this.parts.failed(error);
    }
  }

  private settled(): void {
    this.demand.settled();
    this.reception.turns.isPressed = false;
    this.refill();
  }

  private refill(): void {
    this.request();
    this.place.moved(this.parts.plan.options.demand.window, this.demand.outstanding);
  }

  private connecting(failures: number): void {
    const from = this.source.from();
    this.parts.tell('connecting', () => ({ from, failures }));
    this.tip.opens(from);
  }

  private connected(): void {
    this.parts.tell('connected');
    this.tip.connected();
  }

  private reset(policy: 'earliest' | 'latest', error: RxforceError): void {
    this.warnings.reset(this.deliveries.watermark.lastReceived, policy, error);
    this.source.reset?.(policy);
    this.reception.reset();
  }

  private figures(): DemandFigures {
    const { outstanding, unsettled } = this.demand;
    const { window } = this.parts.plan.options.demand;
    return { outstanding, unsettled, uncommitted: this.place.uncommittedInWindow(), window };
  }

  private isLost(): boolean {
    return this.parts.held?.isHeld() === false;
  }

  private newDeliveries(): Deliveries {
    const { context, plan, subscriber, held, workEnded, failed } = this.parts;
    return watchedDeliveries(context.scheduler, () => this.watch, plan.keeper.sharesIds, {
      settled: () => this.settled(),
      unsettled: () => this.isLost() && this.warnings.leftToOthers(context.nextTurn),
      ended: workEnded,
      failed,
      kept: () => this.reception.turns.flushIfStalled(),
      isLive: () => !subscriber.closed,
      // Without a lease, nothing asks.
      ...(held && { isLost: () => this.isLost() }),
    });
  }

  private newWatch(): SettlementWatch {
    const { context, plan, subscriber, tell, failed } = this.parts;
    const { scheduler, logger } = context;
    const { topic, options, keeper } = plan;
    const { isDurable, memory } = keeper;
    return new SettlementWatch(options, {
      scheduler,
      logger,
      topic,
      isDurable,
      memory,
      tell,
      deliveries: () => this.deliveries,
      opened: () => this.refill(),
      halt: () => this.reception.halt(),
      setBack: (place, done) => (place ? this.place.setBack(place, done) : done()),
      failed: (error) => {
        // A subscriber that completed meanwhile hears no error.
        if (subscriber.closed) logger.warn(error.message);
        else failed(error);
      },
    });
  }

  private placeListener(): PlaceListener {
    const { warnings } = this;
    const { held, tell, failed } = this.parts;
    return {
      tell,
      waiting: (...pause) => warnings.waiting('position', ...pause),
      commitFailed: (...pause) => warnings.commitFailed(...pause),
      silent: (...silence) => warnings.silent(...silence),
      committed: () => this.request(),
      failed: (error) => {
        if (held && error.code === 'position-in-use') held.fenced();
        else failed(error);
      },
    };
  }

  private newLife(): StreamLife {
    const { warnings, demand, source } = this;
    const { context, plan, tell, failed } = this.parts;
    return reportedLife({
      context,
      plan,
      warnings,
      demand,
      source,
      tell,
      connecting: (failures) => this.connecting(failures),
      connected: () => this.connected(),
      figures: () => this.figures(),
      received: (response) => this.receive(response),
      reset: (policy, error) => this.reset(policy, error),
      failed: (error) => {
        this.tip.failed();
        // After the events that came before the end were delivered, so that a stream that always ends right after a
        // response still makes progress.
        context.nextTurn(() => failed(error));
      },
    });
  }

  private newReception(): Reception<E> {
    const { warnings, demand, deliveries, place, source } = this;
    const { context, plan, subscriber, tell, failed } = this.parts;
    const schemas = retriedSchemas(context, {
      maxAttempts: plan.options.maxAttempts,
      hasWorked: () => this.life.hasWorked,
      waiting: (...pause) => warnings.waiting('schema', ...pause),
      recovered: () => this.life.isLive && tell('live'),
    });
    return new Reception({
      context,
      plan,
      subscriber,
      tell,
      failed,
      warnings,
      demand,
      deliveries,
      place,
      source,
      schemas,
      figures: () => this.figures(),
      received: () => {
        this.stuck.received();
        this.watch.gate.received();
      },
      handedOut: () => this.refill(),
      overflowed: (error) => this.life.breakOff(error),
    });
  }

  private newStuckWatch(): StuckWatch {
    const { context, plan, tell, failed } = this.parts;
    return new StuckWatch(context.scheduler, plan.options.stuck, this.deliveries.watermark, {
      gap: (gap) => {
        tell('commitGap', () => ({ ...gap }));
        this.warnings.gap(gap, this.demand.pressure);
      },
      stuck: failed,
    });
  }
}
