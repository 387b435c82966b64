import { defer, finalize, map, shareReplay, switchMap, tap, type Observable } from 'rxjs';
import type { EventSchema } from '../codec/event-schema.js';
import { PublishError } from '../model/errors.js';
import type { Transport } from '../ports/transport.js';
import type { WireTopicInfo } from '../ports/wire.js';
import type { SchemaRegistry } from '../codec/schema-registry.js';

/** The present schema of each topic. It is asked for once for all publishers, and updated by each answer to them. */
export class TopicSchemas {
  private readonly schemaIds = new Map<string, string>();
  private readonly asking = new Map<string, Observable<string>>();

  constructor(
    private readonly transport: Pick<Transport, 'topic'>,
    private readonly schemas: Pick<SchemaRegistry, 'load'>,
  ) {}

  /** The topic's schema. Errors with a `PublishError` (`not-publishable`) where the topic takes no events. */
  load(topic: string): Observable<EventSchema> {
    return defer(() => {
      const known = this.schemaIds.get(topic);
      if (known !== undefined) return this.schemas.load(known);
      return (this.asking.get(topic) ?? this.ask(topic)).pipe(switchMap((schemaId) => this.schemas.load(schemaId)));
    });
  }

  /** The topic's new schema, as the service reported it. */
  changed(topic: string, schemaId: string): Observable<EventSchema> {
    this.schemaIds.set(topic, schemaId);
    return this.schemas.load(schemaId);
  }

  /** Forgets the schema after publishing failed, so that it is asked for anew. */
  forget(topic: string): void {
    this.schemaIds.delete(topic);
  }

  private ask(topic: string): Observable<string> {
    const asking = this.transport.topic(topic).pipe(
      map((info) => publishableSchema(topic, info)),
      tap((schemaId) => this.schemaIds.set(topic, schemaId)),
      finalize(() => this.asking.delete(topic)),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    this.asking.set(topic, asking);
    return asking;
  }
}

function publishableSchema(topic: string, { canPublish, schemaId }: WireTopicInfo): string {
  if (canPublish && schemaId !== '') return schemaId;
  throw new PublishError(
    'not-publishable',
    `Nothing can be published to ${topic}, so nothing was sent. A platform event of the org ("/event/Order__e") can be ` +
      'published to by a user who may create it; channels, monitoring events and changes by nobody.',
    { topic },
  );
}
