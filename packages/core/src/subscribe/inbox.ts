import { Subscription } from 'rxjs';
import type { EventSchema } from '../codec/event-schema.js';
import type { RxforceError } from '../model/errors.js';
import { neverToBeHad, NO_SCHEMA_ID } from './missing-schema.js';
import type { Received, Schemas } from './received.js';

export type { Received, Schemas } from './received.js';

/** Receives the events of the inbox. */
export interface InboxListener {
  /** The next event, in order, with its schema. */
  ready(received: Received, schema: EventSchema): void;
  /** The next event, in order, whose schema can never be fetched. */
  missing(received: Received, error: RxforceError): void;
  /** The schema of an event cannot be fetched for another reason, or the delivery failed. */
  failed(error: unknown, received?: Received): void;
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
  /**
   * The errors of schemas that can never be fetched. They are remembered only while events wait, so that an id that is
   * granted later is found then.
   */
  private missing: Map<string, RxforceError> | undefined;

  constructor(
    private readonly schemas: Schemas,
    private readonly listener: InboxListener,
  ) {}

  /** Adds an event. It comes out at the next `drain`. */
  push(received: Received): void {
    this.queue.push(received);
  }

  /** Delivers nothing until `resume`. */
  pause(): void {
    this.paused = true;
  }

  /** Ends a pause. Waiting events come out at the next `drain`. */
  resume(): void {
    this.paused = false;
  }

  /** Delivers the events that can be decoded, up to the first one whose schema must be fetched. */
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

  /** Delivers nothing more. */
  stop(): void {
    this.stopped = true;
    this.queue = [];
    this.loading.unsubscribe();
  }

  private missingOf(schemaId: string): RxforceError | undefined {
    return schemaId === '' ? NO_SCHEMA_ID : this.missing?.get(schemaId);
  }

  private handOutNext(): boolean {
    const received = this.queue[this.next];
    if (this.stopped || received === undefined) {
      this.queue = [];
      this.next = 0;
      this.missing = undefined;
      return false;
    }
    const { schemaId } = received.event;
    const schema = this.schemas.known(schemaId);
    const missing = this.missingOf(schemaId);
    if (schema === undefined && missing === undefined) {
      this.load(received);
      // True only where the answer came at once.
      return this.schemas.known(schemaId) !== undefined || this.missingOf(schemaId) !== undefined;
    }
    this.next++;
    if (schema) this.listener.ready(received, schema);
    else if (missing) this.listener.missing(received, missing);
    return true;
  }

  private load(received: Received): void {
    if (this.isLoading) return;
    this.isLoading = true;
    const { schemaId } = received.event;
    this.loading = this.schemas.load(schemaId).subscribe({
      error: (error: unknown) => {
        this.isLoading = false;
        if (neverToBeHad(error)) {
          (this.missing ??= new Map()).set(schemaId, error);
          this.drain();
        } else {
          this.listener.failed(error, received);
        }
      },
      complete: () => {
        this.isLoading = false;
        this.drain();
      },
    });
  }
}
