import { type EncodedEvent, encodeEvent } from '../wire/fetch-response.js';
import type { Positioned } from './ordered-log.js';
import type { BusEvent } from './topic.js';

/** The content of a late event. */
export interface LateEventContent extends Positioned {
  readonly id: string;
  readonly schemaId: string;
  readonly replayId: Buffer;
  /** Makes the Avro bytes. */
  readonly payload: () => Uint8Array;
}

/** An event whose payload is made at each read: a later delivery may have other content. */
export class LateEvent implements BusEvent {
  constructor(private readonly content: LateEventContent) {}

  get position(): number {
    return this.content.position;
  }

  get at(): number {
    return this.content.at;
  }

  get id(): string {
    return this.content.id;
  }

  get schemaId(): string {
    return this.content.schemaId;
  }

  get replayId(): Buffer {
    return this.content.replayId;
  }

  get payload(): Buffer {
    return this.encode().payload;
  }

  get frame(): Buffer {
    return this.encode().frame;
  }

  private encode(): EncodedEvent {
    return encodeEvent({ ...this.content, payload: this.content.payload() });
  }
}
