import type { ChangeEvent, PlatformEvent } from '@rxforce/core';
import { SinkError as CoreSinkError } from '@rxforce/core/model';

/** An event that a sink writes. */
export type SinkEvent = (ChangeEvent | PlatformEvent) & {
  /** The name of its org, where the configuration has several. Sinks get it; pipelines do not. */
  readonly org?: string;
};

/** What a sink knows about an attempt. */
export interface WriteContext {
  /** The number of the attempt, from 1. */
  readonly attempt: number;
  /** Aborts when nobody waits for the attempt any more. */
  readonly signal: AbortSignal;
}

/** Where events go. A module of yours can be one. */
export interface Sink {
  /**
   * Writes events: one, or a batch. They count as done once this resolves. It is called again with the same events
   * after it rejects, and after a crash: writing an event twice must do no harm. A {@link SinkError} says whether
   * trying again can help; any other error is tried again. An event that fails is put aside after `max_retries` where
   * other events of its topic get through. While none does, events wait, as in an outage.
   */
  write(events: readonly SinkEvent[], context: WriteContext): Promise<void>;
  /**
   * Learns what the events look like: called before the first event of each schema is written, also after a start. When
   * it rejects, the events are tried again, as when `write` rejects.
   */
  schemaChanged?(schema: EventSchemaInfo): Promise<void>;
  /**
   * Looks whether events can be written, and writes none. `rxforce check --connect` calls it, and `rxforce run` before
   * anything is read: an error with `retriable: false` ends the run then, any other one is a warning, and
   * so is an answer that has not come after 10 s.
   */
  check?(): Promise<void>;
  /**
   * Removes what is left over from before a snapshot: what it has of an object and was not written since a time, in
   * epoch milliseconds. Called once all records of the object were read and written.
   */
  sweep?(entity: string, startedAt: number): Promise<unknown>;
  /**
   * Whether gap events are made whole before they come: they say that a record has changed, and not what.
   *
   * @defaultValue false: they come as they are
   */
  readonly needsWholeRecords?: boolean;
  /** Ends. Nothing is written after it. */
  close?(): Promise<void>;
}

/** A schema of events. */
export interface EventSchemaInfo {
  /** Identifies the schema: another one has another id. */
  readonly schemaId: string;
  /** The whole name of the topic. */
  readonly topic: string;
  /** The object whose changes the events are. Absent for platform events. */
  readonly entity?: string;
  /** The Avro schema, in JSON. */
  readonly json: string;
}

/** How a write failed. */
export interface SinkErrorDetails {
  /**
   * Whether trying again can help. If not, the events are put aside at once.
   *
   * @defaultValue true
   */
  readonly retriable?: boolean;
  /**
   * Whether the other side is away as a whole, so that any event would fail: it cannot be reached, or has no room. Then
   * events wait until it is back, however long that is. Any other failure that may pass counts as this, too, while no
   * other event of the topic gets through.
   *
   * @defaultValue false
   */
  readonly outage?: boolean;
  /** How long the other side asks to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number;
  /**
   * The ids of the events that were not written, where the others were: these are tried again, and what came after them
   * for the same records.
   *
   * @defaultValue none: all events count as not written
   */
  readonly failed?: readonly string[];
  readonly cause?: unknown;
}

/** Events were not written. The message must have no values of records and no secrets. */
export class SinkError extends CoreSinkError {
  /** How long the other side asks to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The ids of the events that were not written; `undefined` where none was. */
  readonly failed: readonly string[] | undefined;

  constructor(message: string, { retryAfterMs, failed, ...details }: SinkErrorDetails = {}) {
    super(message, details);
    this.retryAfterMs = retryAfterMs;
    this.failed = failed;
  }
}

/** Whether the other side is away as a whole. Errors of other copies of this package count, too. */
export function isOutage(error: unknown): boolean {
  return isRetriable(error) && (Object(error) as { readonly outage?: unknown }).outage === true;
}

/** Whether trying again can help. Errors of other copies of this package count, too. */
export function isRetriable(error: unknown): boolean {
  return (Object(error) as { readonly retriable?: unknown }).retriable !== false;
}
