import { Subscription, type Observable } from 'rxjs';
import type { EventSchema } from '../codec/event-schema.js';
import type { SourceDelivery } from '../flow/deliveries.js';
import type { WireProducerEvent } from '../ports/wire.js';

/** An event as it was received, with its place among the deliveries. */
export interface Received {
  readonly event: WireProducerEvent;
  readonly delivery: SourceDelivery;
}

/** Where the inbox has its schemas from. */
export interface Schemas {
  /** The schema, if it is here already. */
  known(schemaId: string): EventSchema | undefined;
  /** The schema, fetched if it is not here. */
  load(schemaId: string): Observable<EventSchema>;
}

/** What the inbox hands out. */
export interface InboxListener {
  /** The next event, in order, with its schema. */
  ready(received: Received, schema: EventSchema): void;
  /** A schema cannot be had, or handing out failed. */
  failed(error: unknown): void;
}

/** Events received and not decoded yet. Keeps their order while a schema is being fetched. */
export class Inbox {
  private queue: Received[] = [];
  private next = 0;
  private draining = false;
  private stopped = false;
  private paused = false;
  private isLoading = false;
  private loading = Subscription.EMPTY;

  constructor(
    private readonly schemas: Schemas,
    private readonly listener: InboxListener,
  ) {}

  /** Takes events in. They come out at the next `drain`. */
  push(received: Received): void {
    this.queue.push(received);
  }

  /** Hands out nothing until `resume`. */
  pause(): void {
    this.paused = true;
  }

  /** Ends a pause. What waits comes out at the next `drain`. */
  resume(): void {
    this.paused = false;
  }

  /** Hands out what can be decoded, up to the first event whose schema must be fetched. */
  drain(): void {
    if (this.draining || this.paused) return;
    this.draining = true;
    try {
      while (this.handOutNext());
    } catch (error) {
      this.listener.failed(error);
    } finally {
      this.draining = false;
    }
  }

  /** Hands out nothing more. */
  stop(): void {
    this.stopped = true;
    this.queue = [];
    this.loading.unsubscribe();
  }

  private handOutNext(): boolean {
    const received = this.queue[this.next];
    if (this.stopped || received === undefined) {
      this.queue = [];
      this.next = 0;
      return false;
    }
    const { schemaId } = received.event;
    const schema = this.schemas.known(schemaId);
    if (schema === undefined) {
      this.load(schemaId);
      // True only where the answer was there at once.
      return this.schemas.known(schemaId) !== undefined;
    }
    this.next++;
    this.listener.ready(received, schema);
    return true;
  }

  private load(schemaId: string): void {
    if (this.isLoading) return;
    this.isLoading = true;
    this.loading = this.schemas.load(schemaId).subscribe({
      error: (error: unknown) => this.listener.failed(error),
      complete: () => {
        this.isLoading = false;
        this.drain();
      },
    });
  }
}
