import type { Observable } from 'rxjs';
import type { EventSchema } from '../codec/event-schema.js';
import type { SourceDelivery } from '../delivery/source-delivery.js';
import type { FetchedEvent } from '../ports/fetched-event.js';

/** An event as it was received, with its place among the deliveries. */
export interface Received {
  readonly event: FetchedEvent;
  readonly delivery: SourceDelivery;
}

/** A source of schemas. */
export interface Schemas {
  /** The schema, if it was fetched already. */
  known(schemaId: string): EventSchema | undefined;
  /** The schema, fetched if necessary. */
  load(schemaId: string): Observable<EventSchema>;
}
