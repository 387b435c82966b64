import {
  defer,
  EMPTY,
  Observable,
  Subscription,
  type BehaviorSubject,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import type { DecodedPayload, EventSchema, PayloadDecoder } from '../codec/event-schema.js';
import { Deliveries } from '../flow/deliveries.js';
import { Demand } from '../flow/demand.js';
import { DecodeError, RxforceError, SettledEarlyError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { Result } from '../model/result.js';
import type { Logger } from '../ports/logger.js';
import type { DemandFigures, Status } from '../ports/status.js';
import type { StreamStart, Transport } from '../ports/transport.js';
import type { WireConsumerEvent, WireFetchResponse } from '../ports/wire.js';
import type { SchemaRegistry } from '../schema/schema-registry.js';
import { Inbox, type Received } from './inbox.js';
import type { ResolvedSubscribeOptions } from './options.js';

/** What every subscription of a client works with. */
export interface StreamContext {
  readonly transport: Transport;
  readonly schemas: SchemaRegistry;
  readonly scheduler: SchedulerLike;
  /** Does something in the next turn of the event loop, after what waits to be written was written. */
  readonly nextTurn: (work: () => void) => void;
  readonly logger: Logger;
  /** Whether the client was closed. */
  readonly closed: BehaviorSubject<boolean>;
  /** Tells what happens; makes the status only if somebody listens. */
  readonly report: (make: () => Status) => void;
}

/** Makes the event that users see of what was received and decoded. */
export type EventOf<E> = (received: Received, topic: string, payload: DecodedPayload) => Result<E, DecodeError>;

/** One subscription, from subscribe to teardown: one gRPC stream, its demand, its deliveries. */
export class StreamRun<E> {
  readonly deliveries: Deliveries;
  private readonly demand: Demand;
  private readonly inbox: Inbox;
  private readonly work = new Subscription();
  private readonly decoders = new Map<string, PayloadDecoder>();
  private requester: Subscriber<number> | undefined;
  private requesting = false;
  private handOutScheduled = false;
  private live = false;
  private pressed = false;
  private warnedOfEarlySettlement = false;

  constructor(
    private readonly context: StreamContext,
    private readonly start: StreamStart,
    private readonly options: ResolvedSubscribeOptions,
    private readonly eventOf: EventOf<E>,
    private readonly subscriber: Subscriber<E>,
  ) {
    this.demand = new Demand(options.demand);
    this.deliveries = new Deliveries(context.scheduler, start.from instanceof ReplayId ? start.from : undefined, {
      settled: () => this.settled(),
      failed: (error) => subscriber.error(error),
      settledEarly: (replayId, beside) => this.settledEarly(replayId, beside),
      isLive: () => !subscriber.closed,
    });
    this.inbox = new Inbox(context.schemas, {
      ready: (received, schema) => this.handOut(received, schema),
      failed: (error) => subscriber.error(error),
    });
  }

  /** Opens the stream: in a later turn, so that nothing is emitted inside `subscribe()`. */
  open(): void {
    const { scheduler, transport } = this.context;
    this.work.add(
      scheduler.schedule(() => {
        this.context.report(() => ({ type: 'connecting', topic: this.start.topic }));
        if (this.work.closed) return;
        this.work.add(
          transport.subscribe(this.start, this.requests()).subscribe({
            next: (response) => this.guard(() => this.receive(response)),
            error: (error: unknown) => this.endLater(error),
            complete: () => this.endLater(endedByServer(this.start.topic)),
          }),
        );
      }),
    );
  }

  /** An error in here is this subscription's, and must not become the process's. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.subscriber.error(error);
    }
  }

  /** Cancels the stream. Holds that are still out may be released later: the watermark takes note. */
  stop(): void {
    this.work.unsubscribe();
    this.inbox.stop();
    this.context.report(() => ({ type: 'closed', topic: this.start.topic }));
  }

  private requests(): Observable<number> {
    return new Observable((requester) => {
      this.requester = requester;
      this.request();
      return () => (this.requester = undefined);
    });
  }

  /** Asks for what there is room for. */
  private request(): void {
    const { requester } = this;
    if (!requester || this.requesting) return;
    this.requesting = true;
    const numRequested = this.demand.take();
    if (numRequested > 0) {
      this.context.report(() => ({ type: 'requested', topic: this.start.topic, numRequested, ...this.figures() }));
      requester.next(numRequested);
    }
    this.requesting = false;
  }

  private receive(response: WireFetchResponse): void {
    const { topic } = this.start;
    if (!this.live) this.context.report(() => ({ type: 'live', topic }));
    this.live = true;
    if (this.work.closed) return;
    // In flight begins here, before decoding: what waits for a schema is in the window like all else.
    this.demand.received(response.events.length, response.pendingNumRequested);
    response.events.forEach((event) => this.inbox.push(this.admit(event)));
    if (response.events.length === 0 && response.latestReplayId.length > 0) {
      this.deliveries.watermark.advance(ReplayId.fromBytes(response.latestReplayId));
    }
    this.context.report(() => ({ type: 'received', topic, events: response.events.length, ...this.figures() }));
    this.request();
    this.handOutLater();
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
      if (!this.work.closed) this.guard(() => this.handOutAll());
    });
  }

  /** After what came before the end was handed out: a stream that always ends right behind a response still gets on. */
  private endLater(error: unknown): void {
    this.context.nextTurn(() => this.subscriber.error(error));
  }

  private handOutAll(): void {
    this.inbox.drain();
    if (this.demand.pressure && !this.pressed) {
      this.pressed = true;
      this.context.report(() => ({ type: 'pressure', topic: this.start.topic, ...this.figures() }));
    }
  }

  private admit({ event, replayId }: WireConsumerEvent): Received {
    if (event === null) {
      throw new RxforceError('protocol', 'The service sent a ConsumerEvent without an event. Please report it.');
    }
    // An empty replay id was seen in production once.
    return { event, delivery: this.deliveries.open(replayId.length > 0 ? ReplayId.fromBytes(replayId) : undefined) };
  }

  private handOut(received: Received, schema: EventSchema): void {
    const { event, delivery } = received;
    const { topic } = this.start;
    const decoded = this.decoderOf(schema)(event.payload).andThen((payload) => this.eventOf(received, topic, payload));
    if (decoded.ok) delivery.deliver(this.subscriber, decoded.val);
    else this.putAside(received, decoded.val);
  }

  private decoderOf(schema: EventSchema): PayloadDecoder {
    let decoder = this.decoders.get(schema.id);
    if (decoder === undefined) {
      decoder = schema.decoder(this.options.fields);
      this.decoders.set(schema.id, decoder);
    }
    return decoder;
  }

  /** The fate of one event is data: the caller has it, and it is settled once the caller is done. */
  private putAside({ event, delivery }: Received, reason: DecodeError): void {
    const { topic } = this.start;
    const { replayId } = delivery;
    const error = undecodableEvent(reason, topic, replayId);
    this.context.report(() => ({ type: 'undecodable', topic, replayId, schemaId: event.schemaId }));
    const { onUndecodable } = this.options;
    if (onUndecodable === undefined) {
      this.subscriber.error(error);
      return;
    }
    const { id, schemaId, payload } = event;
    this.work.add(
      defer(() => onUndecodable({ id, topic, replayId, schemaId, payload }, error) ?? EMPTY).subscribe({
        error: (failure: unknown) => this.subscriber.error(failure),
        complete: () => delivery.settle(),
      }),
    );
  }

  private settled(): void {
    this.demand.settled();
    this.pressed = false;
    this.request();
  }

  private settledEarly(replayId: ReplayId, beside: 'alone' | 'among-others'): void {
    const { topic } = this.start;
    this.context.report(() => ({ type: 'settledEarly', topic, replayId, beside }));
    const error = settledEarlyError(topic, replayId);
    if (beside === 'alone' && this.options.earlySettlement === 'error') {
      this.subscriber.error(error);
    } else if (!this.warnedOfEarlySettlement) {
      this.warnedOfEarlySettlement = true;
      this.context.logger.warn(error.message);
    }
  }

  private figures(): DemandFigures {
    const { outstanding, unsettled } = this.demand;
    return { outstanding, unsettled, window: this.options.demand.window };
  }
}

function undecodableEvent(
  { message, cause, schemaId = '' }: DecodeError,
  topic: string,
  replayId: ReplayId,
): DecodeError {
  return new DecodeError(
    `${message} It is the event of ${topic} at replay id ${replayId.toString()}. Pass onUndecodable to put such events ` +
      'aside, as they came, and go on.',
    { topic, replayId: replayId.toString(), schemaId, cause },
  );
}

function endedByServer(topic: string): RxforceError {
  return new RxforceError(
    'stream-ended',
    `The server ended the stream of ${topic}. It does so when nothing was asked for within 60 seconds, because the ` +
      'handler was slower than that, and when it restarts. Subscribe again, with retry() for instance: the Observable ' +
      'goes on after the last settled event.',
    { topic, retriable: true },
  );
}

function settledEarlyError(topic: string, replayId: ReplayId): SettledEarlyError {
  return new SettledEarlyError(
    `An operator received the event of ${topic} at replay id ${replayId.toString()} after it had counted as done, so a ` +
      'crash now would lose it. An operator upstream kept the event without a hold (delay, concatMap with a promise, ' +
      'bufferCount, observeOn, …). Use handle() for asynchronous work, or put the holding operator first.',
    { topic, replayId: replayId.toString() },
  );
}
