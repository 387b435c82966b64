import { defer, EMPTY, Subscription, type Subscriber } from 'rxjs';
import type { DecodedPayload, EventSchema, PayloadDecoder } from '../codec/event-schema.js';
import { DecodeError, type RxforceError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { Result } from '../model/result.js';
import type { StatusDetail } from '../ports/status.js';
import type { Received } from './inbox.js';
import { aboutEvent } from './missing-schema.js';
import type { ResolvedSubscribeOptions } from './options.js';

/** Makes the event that users see of what was received and decoded. */
export type EventOf<E> = (
  received: Received,
  topic: string,
  payload: DecodedPayload,
  schema: EventSchema,
) => Result<E, DecodeError>;

/** Decodes events and hands them downstream; those that cannot be decoded, to `onUndecodable`. */
export class HandOut<E> {
  private readonly decoders = new Map<string, PayloadDecoder>();
  private readonly aside = new Subscription();

  constructor(
    private readonly topic: string,
    private readonly options: Pick<ResolvedSubscribeOptions, 'fields' | 'onUndecodable'>,
    private readonly eventOf: EventOf<E>,
    private readonly subscriber: Subscriber<E>,
    private readonly tell: (make: () => StatusDetail) => void,
  ) {}

  /** Hands one event out, in scope. */
  handOut(received: Received, schema: EventSchema): void {
    const { event, delivery } = received;
    const decoded = this.decoderOf(schema)(event.payload).andThen((payload) =>
      this.eventOf(received, this.topic, payload, schema),
    );
    if (decoded.ok) delivery.deliver(this.subscriber, decoded.val);
    else this.putAside(received, decoded.val);
  }

  /** An event whose schema can never be had: nothing but its bytes is known. */
  missing(received: Received, cause: RxforceError): void {
    const { schemaId } = received.event;
    const reason = new DecodeError(`An event cannot be decoded, for want of its schema: ${cause.message}`, {
      schemaId,
      cause,
    });
    this.putAside(received, reason, aboutEvent(cause, this.topic, received));
  }

  /** Ends the work on what was put aside. */
  stop(): void {
    this.aside.unsubscribe();
  }

  private decoderOf(schema: EventSchema): PayloadDecoder {
    let decoder = this.decoders.get(schema.id);
    if (decoder === undefined) {
      decoder = schema.decoder(this.options.fields);
      this.decoders.set(schema.id, decoder);
    }
    return decoder;
  }

  /**
   * The fate of one event is data: the caller has it, and it is settled once the caller is done.
   *
   * @param failure - What the stream errors with, where the caller takes no such events.
   */
  private putAside({ event, delivery }: Received, reason: DecodeError, failure?: unknown): void {
    const { topic } = this;
    const { replayId } = delivery;
    const { id, schemaId, payload } = event;
    const error = undecodableEvent(reason, topic, replayId);
    this.tell(() => ({ type: 'undecodable', replayId, schemaId }));
    const { onUndecodable } = this.options;
    if (onUndecodable === undefined) {
      this.subscriber.error(failure ?? error);
      return;
    }
    const held = delivery.hold();
    const work = defer(() => onUndecodable({ id, topic, replayId, schemaId, payload }, error) ?? EMPTY).subscribe({
      error: (thrown: unknown) => this.subscriber.error(thrown),
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
