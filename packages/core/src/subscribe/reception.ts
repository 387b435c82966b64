import type { Subscriber } from 'rxjs';
import type { EventSchema } from '../codec/event-schema.js';
import type { Deliveries } from '../delivery/deliveries.js';
import { ProtocolError, type RxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { FetchedEvent } from '../ports/fetched-event.js';
import type { DemandFigures, Tell } from '../ports/status.js';
import type { FetchResponse } from '../ports/wire.js';
import type { Beginning } from '../position/beginning.js';
import type { Place } from '../position/place.js';
import type { StreamSource } from '../position/stream-source.js';
import type { Demand } from '../stream-life/demand.js';
import { Anchoring } from './anchoring.js';
import { HandOut } from './hand-out.js';
import { HandOutTurns } from './hand-out-turns.js';
import { Inbox } from './inbox.js';
import { aboutEvent } from './missing-schema.js';
import type { ReadingPlan } from './reading-plan.js';
import type { Received, Schemas } from './received.js';
import type { StreamContext } from './stream-context.js';
import type { StreamWarnings } from './stream-warnings.js';

/** The parts of reception, and its reports. */
export interface ReceptionParts<E> {
  readonly context: StreamContext;
  readonly plan: ReadingPlan<E>;
  readonly subscriber: Subscriber<E>;
  readonly tell: Tell;
  readonly warnings: Pick<StreamWarnings, 'implausible' | 'strangePosition'>;
  readonly demand: Demand;
  readonly deliveries: Deliveries;
  readonly place: Pick<Place, 'current' | 'flush'>;
  readonly source: StreamSource;
  readonly schemas: Schemas;
  readonly figures: () => DemandFigures;
  /** Events came, and are in the inbox. */
  readonly received: () => void;
  /** Those that can be delivered now were delivered. */
  readonly handedOut: () => void;
  /** The server sent more events than can be taken. */
  readonly overflowed: (error: RxforceError) => void;
  /** The subscription cannot continue. */
  readonly failed: (error: unknown) => void;
}

/** Shorter replay ids come from tests, not from the service, and may have any length. */
const SHORTEST_ID = 8;
/** The lengths of the service's own replay ids, in bytes. */
const ID_LENGTHS: readonly number[] = [8, 10];

/**
 * Takes events from a response to the subscriber. It counts them, opens deliveries for those that did not come before,
 * and delivers them in a later turn. It tolerates strange responses.
 */
export class Reception<E> {
  readonly turns: HandOutTurns;
  private readonly inbox: Inbox;
  private readonly handOut: HandOut<E>;
  private readonly beginning: Beginning | undefined;
  private readonly anchoring: Anchoring | undefined;

  constructor(private readonly parts: ReceptionParts<E>) {
    const { context, plan, subscriber, tell, source, schemas, failed } = parts;
    const { topic, options, eventOf } = plan;
    this.handOut = new HandOut(topic, options, eventOf, subscriber, tell, failed, context.logger, context.logEvent);
    this.inbox = new Inbox(schemas, {
      ready: (received, schema) => received.delivery.isLost() || this.ready(received, schema),
      missing: (received, error) => received.delivery.isLost() || this.handOut.missing(received, error),
      failed: (error, received) => failed(received ? aboutEvent(error, topic, received) : error),
    });
    this.turns = this.newTurns();
    this.beginning = source.beginning;
    this.anchoring = this.beginning && this.newAnchoring(this.beginning);
  }

  /** Takes the events of a response, as far as there is room. */
  receive({ events, latestReplayId, pendingNumRequested }: FetchResponse): void {
    const { demand, warnings, plan, overflowed } = this.parts;
    const taken = demand.takable(events.length);
    // Events count in the window from here on, before decoding, also those that wait for a schema.
    const isPlausible = demand.received(taken, pendingNumRequested);
    if (!isPlausible) warnings.implausible(events.length, pendingNumRequested);
    if (events.length === 0) this.keptAlive(latestReplayId);
    else this.admitAll(taken < events.length ? events.slice(0, taken) : events);
    // Events that are not taken come again after those that are. No later event of this stream may be taken before
    // them.
    if (taken < events.length) overflowed(tooMany(plan.topic));
  }

  /** The stream begins anew, elsewhere. */
  reset(): void {
    this.anchoring?.reset();
  }

  /** Delivers none of the waiting events. */
  halt(): void {
    this.inbox.stop();
  }

  /** The subscription is over. */
  stop(): void {
    this.anchoring?.stop();
    this.inbox.stop();
    this.turns.stop();
  }

  /** Ends the work on events that were put aside. */
  endAside(): void {
    this.handOut.stop();
  }

  private keptAlive(latestReplayId: Buffer): void {
    if (latestReplayId.length === 0) return;
    const { deliveries, warnings, tell } = this.parts;
    const known = deliveries.watermark.lastReceived?.toBytes().length ?? 0;
    // The replay id of the start may come from another client, and have the other length.
    const isOdd = latestReplayId.length !== known && !ID_LENGTHS.includes(latestReplayId.length);
    if (known >= SHORTEST_ID && isOdd) {
      warnings.strangePosition(latestReplayId.length, known);
      return;
    }
    const replayId = ReplayId.fromBytes(latestReplayId);
    tell('keepalive', () => ({ replayId }));
    deliveries.watermark.advance(replayId);
  }

  private admitAll(events: FetchResponse['events']): void {
    const { tell, figures, received } = this.parts;
    const { inbox, anchoring } = this;
    const isFirst = anchoring?.isDue === true;
    const admitted: Received[] = [];
    for (const event of events) {
      const one = this.admit(event);
      if (one) admitted.push(one);
    }
    if (isFirst && admitted[0]) anchoring.anchorAt(admitted[0]);
    for (const one of admitted) inbox.push(one);
    tell('received', () => ({ events: events.length, ...figures() }));
    received();
  }

  /** `undefined` for an event that came before. */
  private admit(event: FetchedEvent | null): Received | undefined {
    if (event === null) throw new ProtocolError('The service sent a ConsumerEvent without an event. Please report it.');
    const { source, demand, deliveries } = this.parts;
    if (source.known.seen(event.id, event.replayId)) {
      demand.settled();
      return undefined;
    }
    return { event, delivery: deliveries.open(event.replayId, event) };
  }

  private ready(received: Received, schema: EventSchema): void {
    const { beginning } = this;
    if (beginning?.isSkipping && beginning.skips(() => schema.timeOf(received.event.payload))) {
      received.delivery.settle();
    } else {
      this.handOut.handOut(received, schema);
    }
  }

  private newTurns(): HandOutTurns {
    const { context, demand, deliveries, tell, figures, handedOut, failed } = this.parts;
    return new HandOutTurns({
      demand,
      handedOut,
      deliveries,
      failed,
      nextTurn: context.nextTurn,
      inbox: this.inbox,
      pressed: () => tell('pressure', () => ({ ...figures() })),
    });
  }

  private newAnchoring(beginning: Beginning): Anchoring {
    const { context, plan, place, schemas, failed } = this.parts;
    return new Anchoring({
      beginning,
      place,
      schemas,
      failed,
      inbox: this.inbox,
      topic: plan.topic,
      scheduler: context.scheduler,
      anchored: () => this.turns.handOutLater(),
    });
  }
}

function tooMany(topic: string): RxforceError {
  return new ProtocolError(
    `The server has sent far more events of ${topic} than it was asked for. What does not fit is not taken, and comes again on the ` +
      'next stream. Look for a proxy or a test server that does not count num_requested.',
    { topic, retriable: true },
  );
}
