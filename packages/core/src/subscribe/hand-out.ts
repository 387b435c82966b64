import { defer, EMPTY, Subscription, type Subscriber } from 'rxjs';
import type { DecodedPayload, EventSchema, PayloadDecoder } from '../codec/event-schema.js';
import { DecodeError, type ConfigurationError, type RxforceError } from '../model/errors.js';
import type { EventFields } from '../model/event-fields.js';
import type { StreamEvent } from '../model/events.js';
import { asText } from '../model/json.js';
import type { Logger } from '../model/logger.js';
import type { ReplayId } from '../model/replay-id.js';
import type { Tell } from '../ports/status.js';
import { clientFields } from './client-fields.js';
import type { Received } from './inbox.js';
import { aboutEvent } from './missing-schema.js';
import type { ResolvedSubscribeOptions } from './options.js';
import { WantedFields } from './wanted-fields.js';

/**
 * Makes the event that users see from the received and decoded one.
 *
 * @throws `DecodeError` when the payload is that of another kind of event.
 */
export type EventOf<E> = (
  received: Received,
  topic: string,
  payload: DecodedPayload,
  schema: EventSchema,
  fields: EventFields,
) => E;

/** The way the events of one schema are read. */
interface Reading {
  readonly decode: PayloadDecoder;
  readonly fields: EventFields;
  /** The reason why they must not be read, if any. */
  readonly mismatch: ConfigurationError | undefined;
}

/** Decodes events and delivers them downstream. Events that cannot be decoded go to `onUndecodable`. */
export class HandOut<E> {
  /** The readings by schema, while the client keeps it. Made at the first event, as many topics are quiet. */
  private readings: WeakMap<EventSchema, Reading> | undefined;
  private readonly wanted: WantedFields;
  private readonly aside = new Subscription();

  constructor(
    private readonly topic: string,
    private readonly options: Pick<ResolvedSubscribeOptions, 'fields' | 'onUndecodable' | 'onMismatch'>,
    private readonly eventOf: EventOf<E>,
    private readonly subscriber: Subscriber<E>,
    private readonly tell: Tell,
    /** The subscription cannot continue. */
    private readonly failed: (error: unknown) => void,
    private readonly logger: Logger,
    private readonly logEvent?: (event: StreamEvent) => void,
  ) {
    this.wanted = new WantedFields(topic, options, logger);
  }

  /** Delivers one event, in scope. */
  handOut(received: Received, schema: EventSchema): void {
    const { event, delivery } = received;
    const { decode, fields, mismatch } = this.readingOf(schema);
    if (mismatch) {
      this.failed(mismatch);
      return;
    }
    let made: E;
    try {
      const payload = decode(event.message, event.start, event.end);
      made = this.eventOf(received, this.topic, payload, schema, fields);
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      this.putAside(received, error);
      return;
    }
    this.logEvent?.(made as StreamEvent);
    delivery.deliver(this.subscriber, made);
  }

  /** Handles an event whose schema can never be fetched. Only its bytes are known. */
  missing(received: Received, cause: RxforceError): void {
    const { schemaId } = received.event;
    const reason = new DecodeError(`An event cannot be decoded, for want of its schema: ${cause.message}`, {
      schemaId,
      cause,
    });
    this.putAside(received, reason, aboutEvent(cause, this.topic, received));
  }

  /** Ends the work on events that were put aside. */
  stop(): void {
    this.aside.unsubscribe();
  }

  private readingOf(schema: EventSchema): Reading {
    const readings = (this.readings ??= new WeakMap());
    let reading = readings.get(schema);
    if (reading === undefined) {
      const { fields: wanted } = this.options;
      const fields = clientFields(schema, wanted, this.logger);
      reading = { decode: schema.decoder(wanted), fields, mismatch: this.wanted.look(fields) };
      readings.set(schema, reading);
    }
    return reading;
  }

  /**
   * Passes the event to the user's function as data. The event is settled once the function's work is done.
   *
   * @param failure - The error of the stream, where the user takes no such events.
   */
  private putAside({ event, delivery }: Received, reason: DecodeError, failure?: unknown): void {
    const { topic } = this;
    const { replayId } = delivery;
    const { id, schemaId, payload } = event;
    const error = undecodableEvent(reason, topic, replayId);
    this.tell('undecodable', () => ({ replayId, schemaId }));
    const { onUndecodable } = this.options;
    if (onUndecodable === undefined) {
      this.failed(failure ?? error);
      return;
    }
    const held = delivery.holdAside();
    const work = defer(
      () => onUndecodable(asText({ id, topic, replayId, schemaId, payload }), error) ?? EMPTY,
    ).subscribe({
      error: (thrown: unknown) => this.failed(thrown),
      complete: () => held.release(),
    });
    work.add(() => held.abandon());
    this.aside.add(work);
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
