import { NEVER, Observable, of, type SchedulerLike, type Subscriber } from 'rxjs';
import { eventSchema, parseSchema, schemaIdOf } from '@rxforce/core/codec';
import type { RxforceError } from '../../src/model/errors.js';
import type { PublishTransport } from '../../src/ports/transport.js';
import type {
  WirePublishRequest,
  WirePublishResponse,
  WireProducerEvent,
  WireSchemaInfo,
  WireTopicInfo,
} from '../../src/ports/wire.js';
import { publishing, type PublishContext, type Publishing } from '../../src/publish/publishing.js';
import { SchemaRegistry } from '../../src/codec/schema-registry.js';

/** The topic of all events here. */
export const ORDERS = '/event/Order__e';
/** Who publishes, unless a test says otherwise. */
export const USER = '005000000000001AAA';

/** A platform event's schema, with one more field for each name given. */
export function orderSchema(...moreFields: string[]): { readonly id: string; readonly json: string } {
  const field = (name: string) => ({ name, type: ['null', 'string'], default: null });
  const json = JSON.stringify({
    type: 'record',
    name: 'Order__e',
    namespace: 'com.sforce.eventbus',
    fields: [
      { name: 'CreatedDate', type: 'long', doc: 'CreatedDate:DateTime' },
      { name: 'CreatedById', type: 'string', doc: 'CreatedBy:EntityId' },
      ...['Name__c', ...moreFields].map(field),
    ],
  });
  return { id: schemaIdOf(parseSchema(json)), json };
}

/** One stream that was opened. */
export class FakePublishStream {
  readonly requests: WirePublishRequest[] = [];
  halfClosed = false;
  cancelled = false;
  /** What it was told when its connection was to be taken for dead. */
  readonly silences: RxforceError[] = [];
  /** Requests that were not answered yet. */
  readonly open: WirePublishRequest[] = [];

  constructor(
    private readonly service: FakePublishService,
    private readonly subscriber: Subscriber<WirePublishResponse>,
  ) {}

  /** Publishes the oldest open request, and answers it. */
  answer(): void {
    const request = this.open.shift();
    if (request === undefined) throw new Error('There is no request to answer.');
    this.respond(this.service.take(request));
  }

  respond(response: WirePublishResponse): void {
    this.subscriber.next(response);
  }

  end(): void {
    this.subscriber.complete();
  }

  fail(error: RxforceError): void {
    this.subscriber.error(error);
  }
}

/** A service that takes events, without a network: it does what the test says, at once. */
export class FakePublishService implements PublishTransport {
  readonly streams: FakePublishStream[] = [];
  /** The requests of single calls. */
  readonly calls: WirePublishRequest[] = [];
  /** What is on the topic, in order. */
  readonly log: WireProducerEvent[] = [];
  readonly topicCalls: string[] = [];
  /** The topic's. */
  current = orderSchema();
  private readonly schemas = new Map([[this.current.id, this.current.json]]);
  /** What is done when a request comes: it is answered, by default. */
  onRequest: (stream: FakePublishStream, request: WirePublishRequest) => void = (stream) => stream.answer();
  /** How a single call is answered. */
  onCall: (request: WirePublishRequest) => Observable<WirePublishResponse> = (request) => of(this.take(request));
  /** Why an event is refused, if it is. */
  refuse: (event: WireProducerEvent) => string | undefined = () => undefined;
  /** What opening a stream fails with; `undefined`: it does not. */
  onOpen: () => RxforceError | undefined = () => undefined;
  topicInfo: () => Observable<WireTopicInfo> = () => of(this.info());

  info(more: Partial<WireTopicInfo> = {}): WireTopicInfo {
    const { id: schemaId } = this.current;
    return { topicName: ORDERS, tenantGuid: '', canPublish: true, canSubscribe: true, schemaId, rpcId: '', ...more };
  }

  /** The topic has another schema from now on. */
  switchSchema(...fields: string[]): void {
    this.current = orderSchema(...fields);
    this.schemas.set(this.current.id, this.current.json);
  }

  /** Puts a request's events on the topic. */
  take({ events }: WirePublishRequest): WirePublishResponse {
    const results = events.map((event) => {
      const stale = event.schemaId === this.current.id ? undefined : 'The schema is not that of the topic.';
      const reason = stale ?? this.refuse(event);
      if (reason !== undefined) {
        return { replayId: Buffer.alloc(0), error: { code: 1, msg: reason }, correlationKey: event.id };
      }
      this.log.push(event);
      return { replayId: Buffer.from(`at ${this.log.length}`), error: null, correlationKey: event.id };
    });
    return { results, schemaId: this.current.id, rpcId: 'rpc' };
  }

  publishStream(
    _topic: string,
    requests: Observable<WirePublishRequest>,
    silence: Observable<RxforceError>,
  ): Observable<WirePublishResponse> {
    return new Observable((subscriber) => {
      const refusal = this.onOpen();
      if (refusal) {
        subscriber.error(refusal);
        return;
      }
      const stream = new FakePublishStream(this, subscriber);
      this.streams.push(stream);
      subscriber.add(() => (stream.cancelled = true));
      subscriber.add(
        silence.subscribe((error) => {
          stream.silences.push(error);
          stream.fail(error);
        }),
      );
      subscriber.add(
        requests.subscribe({
          next: (request) => {
            stream.requests.push(request);
            stream.open.push(request);
            this.onRequest(stream, request);
          },
          complete: () => (stream.halfClosed = true),
        }),
      );
    });
  }

  publish(request: WirePublishRequest): Observable<WirePublishResponse> {
    return new Observable((subscriber) => {
      this.calls.push(request);
      return this.onCall(request).subscribe(subscriber);
    });
  }

  topic(topicName: string): Observable<WireTopicInfo> {
    this.topicCalls.push(topicName);
    return this.topicInfo();
  }

  /** How GetSchema answers. */
  onSchema: (schemaId: string) => Observable<WireSchemaInfo> = (schemaId) =>
    of({ schemaId, schemaJson: this.schemas.get(schemaId) ?? '', rpcId: '' });

  schema(schemaId: string): Observable<WireSchemaInfo> {
    return this.onSchema(schemaId);
  }

  /** The stream opened last. */
  get stream(): FakePublishStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('No stream was opened.');
    return stream;
  }

  /** The values of a field in what is on the topic, in order. */
  names(): unknown[] {
    return this.log.map((event) => this.read(event).Name__c);
  }

  /** The fields of an event. */
  read({ schemaId, payload }: WireProducerEvent): Record<string, unknown> {
    const json = this.schemas.get(schemaId) ?? '';
    return eventSchema(json, schemaId).decoder()(payload).data;
  }
}

/** The publishing part of a client of this service. */
export function publishingTo(
  service: FakePublishService,
  scheduler: SchedulerLike,
  context: Partial<PublishContext> = {},
): Publishing {
  return publishing({
    transport: service,
    schemas: new SchemaRegistry(service),
    user: () => of(USER),
    completed: NEVER,
    scheduler,
    random: () => 1,
    logger: { warn: () => undefined },
    statusOf: () => () => undefined,
    ...context,
  });
}
