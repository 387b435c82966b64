import { asyncScheduler, finalize, map, of, shareReplay, tap, type Observable, type SchedulerLike } from 'rxjs';
import { eventSchema, type EventSchema, type SchemaIdPolicy } from './event-schema.js';
import type { Transport } from '../ports/transport.js';
import { KeptSchemas } from './kept-schemas.js';

/**
 * The schemas of a client. Each is fetched once, however many events wait for it, checked against its id (unless ids
 * are trusted), and kept while it is used.
 */
export class SchemaRegistry {
  private readonly schemas: KeptSchemas;
  private readonly loading = new Map<string, Observable<EventSchema>>();

  /** @param read - Reads a schema that was fetched. Tests with thousands of clients read each once for all. */
  constructor(
    private readonly transport: Pick<Transport, 'schema'>,
    private readonly schemaIds: SchemaIdPolicy = 'verify',
    scheduler: Pick<SchedulerLike, 'now'> = asyncScheduler,
    private readonly read: typeof eventSchema = eventSchema,
  ) {
    this.schemas = new KeptSchemas(() => scheduler.now());
  }

  /** The schema, if it was fetched already. */
  known(schemaId: string): EventSchema | undefined {
    return this.schemas.get(schemaId);
  }

  /**
   * The schema, fetched if necessary. A failure is not remembered. Errors with a `SchemaError` when the service sends
   * another schema than that of the id, or no schema.
   */
  load(schemaId: string): Observable<EventSchema> {
    const known = this.schemas.get(schemaId);
    return known ? of(known) : (this.loading.get(schemaId) ?? this.fetch(schemaId));
  }

  private fetch(schemaId: string): Observable<EventSchema> {
    const loading = this.transport.schema(schemaId).pipe(
      map(({ schemaJson }) => this.read(schemaJson, schemaId, this.schemaIds)),
      tap((schema) => this.schemas.add(schema)),
      finalize(() => this.loading.delete(schemaId)),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    this.loading.set(schemaId, loading);
    return loading;
  }
}
