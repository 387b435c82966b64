import type { ChangeEvent, PubSubClient } from '@rxforce/core';
import { recordIdsOf } from '@rxforce/core/internal';
import { firstValueFrom, Observable } from 'rxjs';
import type { EventSchemaInfo, Sink, SinkEvent } from '../sinks/sink.js';
import { noSchema } from '../sinks/source-error.js';
import { OwnFailures, type JudgesFailures } from './own-failures.js';

/** What the schemas of events are read from. */
export type SchemaSource = Pick<PubSubClient, 'schema'>;

/**
 * Writes the events of a topic to its sink. What a sink has taken is not given to it again, where its error says which
 * events failed, and no earlier event of the same record did: that one is written again, so what came after it must be,
 * too. And it learns of each schema before the first event of it. A failure that may be the sink's counts as an outage.
 */
export class SinkWriter {
  /** Events that were written in an attempt at others. */
  private readonly written = new WeakSet<SinkEvent>();
  private readonly schemas = new Map<string, Promise<void>>();

  /** @param wrote - Gets the events that the sink has taken, once each. */
  constructor(
    private readonly sink: Sink,
    private readonly source: SchemaSource,
    /** The name of the org of the events, where there are several. */
    private readonly org?: string,
    private readonly wrote: (events: readonly SinkEvent[]) => void = () => undefined,
    private readonly failures: JudgesFailures = new OwnFailures(),
  ) {}

  /** One attempt. It is aborted when nobody waits for it any more. */
  write(events: readonly SinkEvent[], attempt: number): Observable<never> {
    return new Observable((subscriber) => {
      const controller = new AbortController();
      // A sink of the user may throw before it gives a promise.
      void this.attempt(events, attempt, controller.signal).then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => controller.abort();
    });
  }

  /** Those of some events that the sink has not taken yet. */
  left(events: readonly SinkEvent[]): readonly SinkEvent[] {
    return events.filter((event) => !this.written.has(event));
  }

  private async attempt(events: readonly SinkEvent[], attempt: number, signal: AbortSignal): Promise<void> {
    const left = this.left(events);
    if (left.length === 0) return;
    const began = this.failures.began();
    try {
      if (this.sink.schemaChanged) await this.tellSchemas(left);
      await this.sink.write(this.named(left), { attempt, signal });
      this.took(left, began);
    } catch (error) {
      const written = writtenOf(left, failedIdsOf(error));
      written.forEach((event) => this.written.add(event));
      this.took(written, began);
      throw this.failures.judge(error, left, began);
    }
  }

  private took(events: readonly SinkEvent[], began: number): void {
    if (events.length === 0) return;
    this.wrote(events);
    this.failures.gotThrough(began);
  }

  private named(events: readonly SinkEvent[]): readonly SinkEvent[] {
    const { org } = this;
    return org === undefined ? events : events.map((event) => ({ ...event, org }));
  }

  private async tellSchemas(events: readonly SinkEvent[]): Promise<void> {
    for (const event of events) {
      const { schemaId } = event;
      const told = this.schemas.get(schemaId) ?? this.tellSchema(event);
      this.schemas.set(schemaId, told);
      await told;
    }
  }

  private async tellSchema(event: SinkEvent): Promise<void> {
    const { schemaId, topic } = event;
    const entity = (event as Partial<ChangeEvent>).header?.entityName;
    try {
      const json = await this.schemaOf(schemaId);
      await this.sink.schemaChanged?.({ schemaId, topic, json, ...(entity !== undefined && { entity }) });
    } catch (error) {
      // The next attempt tries again.
      this.schemas.delete(schemaId);
      throw error;
    }
  }

  /** @throws rejects with a `SourceError`: that is no failure of the sink. */
  private async schemaOf(schemaId: string): Promise<EventSchemaInfo['json']> {
    try {
      return (await firstValueFrom(this.source.schema(schemaId))).json;
    } catch (cause) {
      throw noSchema(cause);
    }
  }
}

/** The ids of the events that failed; none where the error does not say it. */
function failedIdsOf(error: unknown): ReadonlySet<unknown> {
  const { failed } = Object(error) as { readonly failed?: unknown };
  return new Set(Array.isArray(failed) ? failed : []);
}

/** The events that count as written: those that did not fail, and have no record of an event before them that did. */
function writtenOf(events: readonly SinkEvent[], failed: ReadonlySet<unknown>): readonly SinkEvent[] {
  const again = new Set<string>();
  const written = events.filter((event) => {
    const records = recordIdsOf(event);
    const isWritten = !failed.has(event.id) && !records.some((id) => again.has(id));
    if (!isWritten) records.forEach((id) => again.add(id));
    return isWritten;
  });
  // Where none of the ids is one of these events, nobody knows what failed.
  return events.some(({ id }) => failed.has(id)) ? written : [];
}
