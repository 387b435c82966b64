import type { WireProducerEvent, WirePublishRequest } from '@rxforce/core/internal';

/** An event as a client publishes it: with defaults for what is left out. */
export interface PublishedEvent extends Partial<WireProducerEvent> {
  readonly headers?: readonly { readonly key: string; readonly value: Buffer }[];
}

/** A PublishRequest as a client sends it. */
export interface PublishRequest extends Omit<WirePublishRequest, 'events'> {
  readonly events: readonly PublishedEvent[];
}
