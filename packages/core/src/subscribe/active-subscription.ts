import { defer, from, Subscription, switchMap, tap, type Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import type { EventSchema } from '../codec/event-schema.js';
import { Deliveries } from '../delivery/deliveries.js';
import { Demand } from '../stream-life/demand.js';
import { RecentEvents } from '../position/recent-events.js';
import { UncommittedEvents } from '../position/uncommitted-events.js';
import { RxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { Logger } from '../ports/logger.js';
import type { StreamPosition } from '../ports/replay-store.js';
import type { DemandFigures, StatusDetail } from '../ports/status.js';
import type { ManagedTransport, Transport } from '../ports/transport.js';
import type { WireConsumerEvent, WireFetchResponse } from '../ports/wire.js';
import type { SchemaRegistry } from '../codec/schema-registry.js';
import { retryTransient } from '../stream-life/retry-transient.js';
import { StreamLife } from '../stream-life/stream-life.js';
import { StuckWatch } from '../position/stuck-watch.js';
import type { DrainedSubscription } from './drain-report.js';
import { HandOut, type EventOf } from './hand-out.js';
import type { HeldToken } from '../position/held-token.js';
import { Inbox, type Received, type Schemas } from './inbox.js';
import type { ResolvedSubscribeOptions } from './options.js';
import { ManagedPlace } from '../position/managed-place.js';
import type { ResolvedManagedOptions } from './managed-options.js';
import { aboutEvent, timeOfEvent } from './missing-schema.js';
import { StoredPlace, type PositionListener } from '../position/stored-place.js';
import type { Place } from '../position/place.js';
import type { PositionMemory } from '../position/position-memory.js';
import { SettlementWatch } from '../settlement/settlement-watch.js';
import { StreamEnding } from './stream-ending.js';
import { workBefore } from '../position/work-before.js';
import { StreamWarnings } from './stream-warnings.js';

/** What every subscription of a client works with. */
export interface StreamContext {
  readonly transport: Transport & ManagedTransport;
  readonly schemas: SchemaRegistry;
  readonly scheduler: SchedulerLike;
  /** Chance, from 0 to 1. */
  readonly random: () => number;
  /** Does something in the next turn of the event loop, after what waits to be written was written. */
  readonly nextTurn: (work: () => void) => void;
  readonly logger: Logger;
}

/** What one subscription is told by the stream it belongs to. */
export interface StreamOwner {
  readonly topic: string;
  /** Of the position, across subscriptions. */
  readonly memory: PositionMemory;
  /** Tells what happens; makes the status only if somebody listens. */
  readonly tell: (make: () => StatusDetail) => void;
  /** It ends for a reason of its own; otherwise its subscriber has left. */
  readonly ends: (how: 'errored' | 'completed') => void;
  /** The subscription is over, and its position was given up. What it resolves with is waited for before it is reported. */
  readonly over: () => Promise<void> | undefined;
}

/**
 * Where the time of the first event cannot be read: how long before now it is taken to have happened, in milliseconds.
 * More than any clock is wrong by. What happened in between may come again.
 */
const UNREADABLE_MARGIN_MS = 3_600_000;

/** Shorter replay ids are no service's, but a test's, and may have any length. */
const SHORTEST_ID = 8;
/** The service's own replay ids have so many bytes. */
const ID_LENGTHS: readonly number[] = [8, 10];

/** One subscription, from subscribe to the end of the work on its events: its demand, its deliveries, its position. */
export class ActiveSubscription<E> {
  /** Hears whether the pipeline works on events. */
  readonly watch: SettlementWatch;
  private readonly deliveries: Deliveries;
  private readonly position: Place;
  private readonly demand: Demand;
  private readonly life: StreamLife;
  private readonly inbox: Inbox;
  private readonly handOut: HandOut<E>;
  private readonly stuck: StuckWatch;
  private readonly recent: RecentEvents | UncommittedEvents;
  private readonly warnings: StreamWarnings;
  private readonly work = new Subscription();
  private readonly ending: StreamEnding;
  private opened = false;
  private stopped = false;
  private handOutScheduled = false;
  private pressed = false;
  private flushScheduled = false;
  /** Whether the first event after the tip came: only its time counts. */
  private anchored = false;
  private openedFrom: ReturnType<Place['from']> | undefined;
  /** Whether a schema was fetched. */
  private hadSchema = false;

  constructor(
    private readonly context: StreamContext,
    private readonly owner: StreamOwner,
    private readonly options: ResolvedSubscribeOptions | ResolvedManagedOptions,
    eventOf: EventOf<E>,
    private readonly subscriber: Subscriber<E>,
    /** The lease that it is active under. */
    held?: Pick<HeldToken, 'token' | 'fenced'>,
  ) {
    const { topic, tell } = owner;
    const { scheduler, logger } = context;
    this.warnings = new StreamWarnings(topic, logger, tell);
    this.deliveries = new Deliveries(
      scheduler,
      {
        settled: () => this.settled(),
        ended: () => this.ending.workEnded(),
        failed: (error) => this.raise(error),
        settledEarly: (delivery, beside) => this.watch.settledEarly(delivery, beside),
        settledUnheld: (delivery) => this.watch.gate.settledUnworked(delivery),
        worked: () => this.watch.gate.prove(),
        returned: () => this.watch.returned(),
        left: (delivery, how) => this.watch.gate.left(delivery, how),
        withheld: (operator) => this.watch.gate.withheld(operator),
        doubted: (delivery) => this.watch.gate.doubt(delivery),
        kept: () => this.flushIfStalled(),
        isLive: () => !subscriber.closed,
      },
      mayShareIds(topic, options),
    );
    const isDurable = 'managed' in options || options.replay.store !== undefined;
    this.watch = new SettlementWatch(options, {
      scheduler,
      logger,
      topic,
      tell,
      deliveries: () => this.deliveries,
      isDurable,
      memory: owner.memory,
      opened: () => this.refill(),
      halt: () => this.inbox.stop(),
      setBack: (place, done) => (place ? this.position.setBack(place, done) : done()),
      failed: (error) => {
        // Whoever completed meanwhile hears no error.
        if (subscriber.closed) logger.warn(error.message);
        else this.raise(error);
      },
    });
    const { gate } = this.watch;
    const { watermark } = this.deliveries;
    const listener: PositionListener = {
      tell,
      waiting: (attempt, delayMs, cause) => this.warnings.waiting(attempt, delayMs, cause),
      commitFailed: (attempt, delayMs, cause) => this.warnings.commitFailed(attempt, delayMs, cause),
      committed: () => this.request(),
      failed: (error) => {
        if (held && error.code === 'position-in-use') held.fenced();
        else this.raise(error);
      },
    };
    if ('managed' in options) {
      const received = new UncommittedEvents(() => this.warnings.jumped(watermark.lastReceived));
      this.recent = received;
      this.position = new ManagedPlace(context, options.managed, watermark, received, listener, gate);
    } else {
      this.recent = new RecentEvents();
      this.position = new StoredPlace(context, topic, options, watermark, listener, held?.token, gate);
    }
    this.demand = new Demand(options.demand, () => this.position.uncommittedInWindow());
    this.life = this.newLife();
    this.inbox = new Inbox(this.schemas(), {
      ready: (received, schema) => this.ready(received, schema),
      missing: (received, error) => this.handOut.missing(received, error),
      failed: (error, received) => this.raise(received ? aboutEvent(error, topic, received) : error),
    });
    this.handOut = new HandOut(topic, options, eventOf, subscriber, tell, logger);
    this.stuck = new StuckWatch(scheduler, options.stuck, watermark, {
      gap: (gap) => {
        tell(() => ({ type: 'commitGap', ...gap }));
        this.warnings.gap(gap, this.demand.pressure);
      },
      stuck: (error) => this.raise(error),
    });
    const { store, name } = options.replay;
    this.ending = new StreamEnding({
      scheduler,
      deliveries: this.deliveries,
      position: this.position,
      names: { topic, name: store && name },
      stop: () => {
        this.life.stop();
        this.handOut.stop();
      },
      over: () => {
        tell(() => ({ type: 'closed' }));
        return owner.over();
      },
    });
  }

  /**
   * Opens the stream: in a later turn, so that nothing is emitted inside `subscribe()`.
   *
   * @param takeOver - Tells where a subscription of the same Observable ended. Called in that turn: a `share()` that
   * connects again after an error does so while the subscription before is still ending.
   * @param turn - Asked in that turn: what to wait for before that, if anything.
   */
  open(takeOver: () => StreamPosition | undefined, turn?: () => Promise<unknown> | undefined): void {
    this.work.add(
      this.context.scheduler.schedule(() => {
        this.work.add(
          this.opening(takeOver, turn?.()).subscribe({
            next: () => {
              this.opened = true;
              this.request();
            },
            error: (error: unknown) => this.raise(error),
          }),
        );
      }),
    );
  }

  private opening(takeOver: () => StreamPosition | undefined, before: Promise<unknown> | undefined): Observable<void> {
    const { topic, memory } = this.owner;
    const { scheduler, logger } = this.context;
    const workOver = workBefore(memory, scheduler, (message) =>
      logger.warn(
        `${topic}: work of the subscription before is still under way and cannot be stopped; this one ${message}`,
      ),
    );
    if (before === undefined && workOver === undefined) return this.position.open(takeOver());
    return from(before ?? [undefined]).pipe(
      switchMap(() => workOver ?? [undefined]),
      switchMap(() => this.position.open(takeOver())),
    );
  }

  /** Where a subscription that follows this one starts. */
  current(): StreamPosition | undefined {
    return this.position.current();
  }

  /** Whether nothing was received that a subscription that follows this one would miss. */
  get untouched(): boolean {
    return this.deliveries.watermark.received === 0;
  }

  /**
   * Stops demand, completes, waits for the work on what was handed out, commits, and ends.
   *
   * @param timeoutMs - Longest wait.
   * @param done - Told how it went.
   */
  drain(timeoutMs: number, done: (report: DrainedSubscription) => void): void {
    this.ending.drain(timeoutMs, done);
    if (this.stopped) return;
    this.owner.tell(() => ({ type: 'draining' }));
    this.life.drain();
    this.inbox.stop();
    // In a later turn: the call may have come from a handler, whose event must not be cut off from its settlement.
    this.context.nextTurn(() => {
      this.owner.ends('completed');
      this.subscriber.complete();
    });
  }

  /** Waits no longer, where it is being drained. */
  hurry(): void {
    this.ending.hurry();
  }

  /** The subscription is over. Work on its events may go on for a while, and still counts. */
  stop(): void {
    this.stopped = true;
    this.owner.memory.running.add(this.deliveries.running);
    this.watch.stop();
    this.work.unsubscribe();
    this.inbox.stop();
    this.stuck.stop();
    this.position.retire();
    if (!this.ending.isDraining) {
      // The stream of a managed subscription is still needed, for the commits of that work.
      if ('managed' in this.options) this.life.drain();
      else this.life.stop();
      this.handOut.stop();
    }
    this.ending.finish();
  }

  private newLife(): StreamLife {
    const { tell } = this.owner;
    const { silenceTimeoutMs, maxAttempts } = this.options;
    const settings = { silenceTimeoutMs, maxAttempts, onInvalid: this.options.replay.onInvalid };
    return new StreamLife(this.context, settings, this.demand, {
      connect: (requests, silence, connected) =>
        this.position.connect(requests, silence, () => {
          connected();
          tell(() => ({ type: 'connected' }));
        }),
      requested: (numRequested) => tell(() => ({ type: 'requested', numRequested, ...this.figures() })),
      received: (response, first) => this.guard(() => this.receive(response, first)),
      connecting: (failures) => this.connecting(failures),
      opening: (times) => this.warnings.silentLogin(times),
      waiting: (attempt, delayMs, cause) => this.warnings.waiting(attempt, delayMs, cause),
      parked: () => tell(() => ({ type: 'parked' })),
      reset: (policy, error) => this.reset(policy, error),
      failed: (error) => this.endLater(error),
    });
  }

  /** Schemas whose fetch is tried again, where that may help. */
  private schemas(): Schemas {
    const { schemas } = this.context;
    return {
      known: (schemaId) => schemas.known(schemaId),
      load: (schemaId) => {
        let waited = false;
        return defer(() => schemas.load(schemaId)).pipe(
          retryTransient(
            this.context,
            (attempt, delayMs, cause) => {
              waited = true;
              this.warnings.waiting(attempt, delayMs, cause);
            },
            this.options.maxAttempts,
            () => this.hadSchema || this.life.hasWorked,
          ),
          tap({ next: () => (this.hadSchema = true) }),
          tap({ complete: () => waited && this.life.isLive && this.owner.tell(() => ({ type: 'live' })) }),
        );
      },
    };
  }

  private raise(error: unknown): void {
    this.owner.ends('errored');
    this.subscriber.error(error);
  }

  /** An error in here is this subscription's, and must not become the process's. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.raise(error);
    }
  }

  /** Asks for what there is room for. */
  private request(): void {
    if (this.stopped || !this.opened) return;
    this.life.request();
  }

  private receive(response: WireFetchResponse, first: boolean): void {
    const { tell } = this.owner;
    if (first) {
      this.warnings.live();
      tell(() => ({ type: 'live' }));
    }
    if (this.stopped) return;
    const { events, latestReplayId, pendingNumRequested } = response;
    const taken = events.slice(0, this.demand.takable(events.length));
    // In flight begins here, before decoding: what waits for a schema is in the window like all else.
    const isPlausible = this.demand.received(taken.length, pendingNumRequested);
    if (!isPlausible) this.warnings.implausible(events.length, pendingNumRequested);
    if (events.length === 0) this.keptAlive(latestReplayId);
    else this.admitAll(taken);
    // What is not taken comes again, after what is: nothing that comes later on this stream may be taken before it.
    if (taken.length < events.length) this.life.breakOff(tooMany(this.owner.topic));
    this.refill();
    this.handOutLater();
  }

  private keptAlive(latestReplayId: Buffer): void {
    if (latestReplayId.length === 0) return;
    const known = this.deliveries.watermark.lastReceived?.toBytes().length ?? 0;
    // One that was given to start from may be of another client, and of the other length.
    const isOdd = latestReplayId.length !== known && !ID_LENGTHS.includes(latestReplayId.length);
    if (known >= SHORTEST_ID && isOdd) {
      this.warnings.strangePosition(latestReplayId.length, known);
      return;
    }
    const replayId = ReplayId.fromBytes(latestReplayId);
    this.owner.tell(() => ({ type: 'keepalive', replayId }));
    this.deliveries.watermark.advance(replayId);
  }

  private admitAll(events: readonly WireConsumerEvent[]): void {
    const { adrift } = this.position;
    const admitted = events.flatMap((event) => this.admit(event));
    if (adrift && !this.anchored && admitted[0]) this.anchorAt(admitted[0]);
    admitted.forEach((received) => this.inbox.push(received));
    this.owner.tell(() => ({ type: 'received', events: events.length, ...this.figures() }));
    this.stuck.received();
    this.watch.gate.received();
  }

  private admit({ event, replayId }: WireConsumerEvent): Received[] {
    if (event === null) {
      throw new RxforceError('protocol', 'The service sent a ConsumerEvent without an event. Please report it.');
    }
    // An empty replay id was seen in production once.
    const id = replayId.length > 0 ? ReplayId.fromBytes(replayId) : undefined;
    if (this.recent.seen(event.id, id)) {
      this.demand.settled();
      return [];
    }
    return [{ event, delivery: this.deliveries.open(id, event.payload) }];
  }

  /**
   * Nothing is handed out before it is known, and durable where there is a store, where the first event comes again: after
   * what a keepalive told, or with the events of its time.
   */
  private anchorAt(received: Received): void {
    this.anchored = true;
    this.inbox.pause();
    const done = () => {
      this.inbox.resume();
      this.handOutLater();
    };
    if (this.position.current() !== undefined) {
      this.position.flush(done);
      return;
    }
    this.work.add(
      timeOfEvent(this.schemas(), this.owner.topic, received)
        .pipe(
          switchMap((time) =>
            this.position.anchorAt(new Date(time ?? this.context.scheduler.now() - UNREADABLE_MARGIN_MS)),
          ),
        )
        .subscribe({
          error: (error: unknown) => this.raise(error),
          complete: done,
        }),
    );
  }

  /**
   * In a later turn, for two reasons: what was asked for on receipt leaves before a slow handler takes the thread, and a
   * response that came inside a request, which may be inside a settlement, emits nothing there.
   */
  private handOutLater(): void {
    if (this.handOutScheduled) return;
    this.handOutScheduled = true;
    this.context.nextTurn(() => {
      this.handOutScheduled = false;
      if (!this.stopped) this.guard(() => this.handOutAll());
    });
  }

  /** After what came before the end was handed out: a stream that always ends right behind a response still gets on. */
  private endLater(error: unknown): void {
    this.context.nextTurn(() => this.raise(error));
  }

  private handOutAll(): void {
    this.inbox.drain();
    if (this.demand.pressure && !this.pressed) {
      this.pressed = true;
      this.owner.tell(() => ({ type: 'pressure', ...this.figures() }));
    }
    this.flushIfStalled();
  }

  /** The window is full of events that are all kept until others come, and none can: whoever keeps them lets go. */
  private get isStalled(): boolean {
    return this.demand.pressure && this.deliveries.kept >= this.demand.unsettled;
  }

  /** In a later turn: the last event may be on its way into a batch that is full with it, or to others as well. */
  private flushIfStalled(): void {
    if (!this.isStalled || this.flushScheduled) return;
    this.flushScheduled = true;
    this.context.nextTurn(() => {
      this.flushScheduled = false;
      if (this.isStalled) this.guard(() => this.deliveries.flush());
    });
  }

  private ready(received: Received, schema: EventSchema): void {
    if (this.position.skipping && this.position.skips(() => schema.timeOf(received.event.payload))) {
      received.delivery.settle();
    } else {
      this.handOut.handOut(received, schema);
    }
  }

  private settled(): void {
    this.demand.settled();
    this.pressed = false;
    this.refill();
  }

  private refill(): void {
    this.request();
    this.position.moved(this.options.demand.window, this.demand.outstanding);
  }

  private connecting(failures: number): void {
    const from = this.position.from();
    this.owner.tell(() => ({ type: 'connecting', from, failures }));
    const wasAtTip = this.openedFrom === 'latest';
    this.openedFrom = from;
    if (wasAtTip && from === 'latest') {
      this.owner.tell(() => ({ type: 'replayReset', from: undefined, policy: 'latest' }));
    }
  }

  private reset(policy: 'earliest' | 'latest', error: RxforceError): void {
    const from = this.deliveries.watermark.lastReceived;
    this.warnings.reset(from, policy, error);
    this.position.reset(policy);
    this.anchored = false;
    this.recent.clear();
  }

  private figures(): DemandFigures {
    const { outstanding, unsettled } = this.demand;
    return {
      outstanding,
      unsettled,
      uncommitted: this.position.uncommittedInWindow(),
      window: this.options.demand.window,
    };
  }
}

function tooMany(topic: string): RxforceError {
  return new RxforceError(
    'protocol',
    `The server has sent far more events of ${topic} than it was asked for. What does not fit is not taken, and comes again on the ` +
      'next stream. Look for a proxy or a test server that does not count num_requested.',
    { topic, retriable: true },
  );
}

/** Only channels can be enriched, and on enriched ones several events may share a replay id. */
function mayShareIds(topic: string, options: ResolvedSubscribeOptions | ResolvedManagedOptions): boolean {
  const actual = 'managed' in options ? options.managed.topic : topic;
  return actual === undefined || actual.endsWith('__chn');
}
