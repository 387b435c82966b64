import { NEVER, Observable, of, switchMap, type Subscriber } from 'rxjs';
import { parseSchema, schemaIdOf } from '@rxforce/core/codec';
import { ConnectionError, type RxforceError } from '../../src/model/errors.js';
import type { ManagedTransport, StreamStart, Transport } from '../../src/ports/transport.js';
import { FetchedEvent } from '../../src/ports/fetched-event.js';
import { ReplayId } from '../../src/model/replay-id.js';
import type { FetchResponse, WireConsumerEvent, WireSchemaInfo } from '../../src/ports/wire.js';

/** The schema of a header. */
export const HEADER = {
  type: 'record',
  name: 'ChangeEventHeader',
  fields: [
    { name: 'entityName', type: 'string' },
    { name: 'recordIds', type: { type: 'array', items: 'string' } },
    { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols: ['CREATE', 'UPDATE', 'DELETE'] } },
    { name: 'changeOrigin', type: 'string' },
    { name: 'transactionKey', type: 'string' },
    { name: 'sequenceNumber', type: 'int' },
    { name: 'commitTimestamp', type: 'long' },
    { name: 'commitNumber', type: 'long' },
    { name: 'commitUser', type: 'string' },
    { name: 'nulledFields', type: { type: 'array', items: 'string' } },
    { name: 'diffFields', type: { type: 'array', items: 'string' } },
    { name: 'changedFields', type: { type: 'array', items: 'string' } },
  ],
};

/** A small change event schema, with one more field for each name given. */
export function changeSchema(...moreFields: string[]): { readonly id: string; readonly json: string } {
  const field = (name: string) => ({ name, type: ['null', 'string'], default: null });
  const json = JSON.stringify({
    type: 'record',
    name: 'ThingChangeEvent',
    namespace: 'com.sforce.eventbus',
    fields: [{ name: 'ChangeEventHeader', type: HEADER }, ...['Name', ...moreFields].map(field)],
  });
  return { id: schemaIdOf(parseSchema(json)), json };
}

/** The schema that events have, unless a test says otherwise. */
export const THING = changeSchema();

const types = new Map<string, ReturnType<typeof parseSchema>>();

function typeOf(json: string) {
  const type = types.get(json) ?? parseSchema(json);
  types.set(json, type);
  return type;
}

/** When events happened, in epoch milliseconds, unless a test says otherwise. */
export const THING_TIME = 1_700_000_000_000;

/** The payload of a CREATE with this name. */
export function payloadOf(name: string, schema = THING, commitTimestamp = THING_TIME): Buffer {
  return typeOf(schema.json).toBuffer({
    ChangeEventHeader: {
      entityName: 'Thing',
      recordIds: ['a00'],
      changeType: 'CREATE',
      changeOrigin: '',
      transactionKey: name,
      sequenceNumber: 1,
      commitTimestamp,
      commitNumber: 1_709_303_151_782_928_388n,
      commitUser: '005',
      nulledFields: [],
      diffFields: [],
      changedFields: [],
    },
    Name: name,
  });
}

/** An event on the wire, whose id, name and replay id are the same text. */
export function wireEvent(name: string, { schema = THING, payload = payloadOf(name, schema) } = {}): WireConsumerEvent {
  return { event: { id: name, schemaId: schema.id, payload }, replayId: Buffer.from(name) };
}

/** An event on the wire as the client reads it. */
export function fetched({ event, replayId }: WireConsumerEvent): FetchedEvent | null {
  const position = replayId.length > 0 ? ReplayId.fromBytes(replayId) : undefined;
  return event && new FetchedEvent(event.id, event.schemaId, position, event.payload);
}

/** One stream that the client opened. */
export class FakeStream {
  /** Every FetchRequest's number. */
  readonly requests: number[] = [];
  /** What the server still owes. */
  pending = 0;
  /** Most that it ever owed. */
  mostPending = 0;
  cancelled = false;
  /** The client will ask for nothing more. */
  halfClosed = false;

  constructor(
    readonly start: StreamStart,
    private readonly subscriber: Subscriber<FetchResponse>,
    private readonly inResponse: (send: () => void) => void,
  ) {}

  /** Sends one response with these events; it must have been asked for as many. */
  send(...events: (string | WireConsumerEvent)[]): void {
    if (events.length > this.pending) throw new Error(`${events.length} events to send, ${this.pending} asked for`);
    this.pending -= events.length;
    this.respond(events.map((event) => (typeof event === 'string' ? wireEvent(event) : event)));
  }

  /** Sends what a server must not: events whether they were asked for or not, with any count of what is pending. */
  sendWrongly(names: readonly string[], pending: number, latest: string | Buffer = ''): void {
    this.respond(
      names.map((name) => wireEvent(name)),
      latest,
      pending,
    );
  }

  /** Sends an empty response with a position. */
  keepalive(latestReplayId: string): void {
    this.respond([], latestReplayId);
  }

  end(): void {
    this.inResponse(() => this.subscriber.complete());
  }

  fail(error: RxforceError): void {
    this.inResponse(() => this.subscriber.error(error));
  }

  /** For FakeService: the server reads a request. */
  request(count: number): void {
    this.requests.push(count);
    this.pending = Math.min(100, this.pending + count);
    this.mostPending = Math.max(this.mostPending, this.pending);
  }

  private respond(events: WireConsumerEvent[], latest: string | Buffer = '', pending = this.pending): void {
    this.inResponse(() =>
      this.subscriber.next({
        events: events.map(fetched),
        latestReplayId: Buffer.from(latest as string),
        rpcId: 'rpc',
        pendingNumRequested: pending,
      }),
    );
  }
}

/** A service without a network, that does what the test says, at once. */
export class FakeService implements Transport, ManagedTransport {
  readonly streams: FakeStream[] = [];
  readonly schemaCalls: string[] = [];
  /** Whether the client is inside a request, where what it is sent comes too early to be handed out. */
  inRequest = false;
  private inResponse = false;
  private turns: (() => void)[] = [];
  /** Emits when there is a session for a stream: at once by default. */
  session: Observable<unknown> = of(0);
  /** Whether streams have a connection, once there is a session. */
  connects = true;
  /** What is done when a request comes: nothing by default. */
  onRequest: (stream: FakeStream) => void = () => undefined;
  /** How GetSchema answers. */
  schemas: (schemaId: string) => Observable<WireSchemaInfo> = (schemaId) =>
    of({ schemaId, schemaJson: THING.json, rpcId: '' });

  subscribe(
    start: StreamStart,
    demand: Observable<number>,
    silence: Observable<unknown>,
    connected?: () => void,
  ): Observable<FetchResponse> {
    const stream$ = new Observable<FetchResponse>((subscriber) => {
      if (this.connects) connected?.();
      const stream = new FakeStream(start, subscriber, (send) => this.respond(send));
      this.streams.push(stream);
      subscriber.add(() => (stream.cancelled = true));
      subscriber.add(silence.subscribe(() => stream.fail(new ConnectionError('silence'))));
      subscriber.add(
        demand.subscribe({
          next: (count) => {
            stream.request(count);
            this.inRequest = true;
            this.onRequest(stream);
            this.inRequest = false;
          },
          complete: () => (stream.halfClosed = true),
        }),
      );
    });
    return this.session.pipe(switchMap(() => stream$));
  }

  /**
   * The client's `nextTurn`: a turn comes after each response, so that a test sees at once what the response does.
   *
   * @param later - Where there is no response, or it comes inside a request.
   */
  nextTurn(work: () => void, later: (work: () => void) => void): void {
    if (this.inRequest || !this.inResponse) later(work);
    else this.turns.push(work);
  }

  private respond(send: () => void): void {
    const outermost = !this.inResponse;
    this.inResponse = true;
    send();
    if (!outermost) return;
    const due = this.turns;
    this.turns = [];
    this.inResponse = false;
    due.forEach((work) => work());
  }

  /** There are no managed subscriptions here: see ManagedServer. */
  managedSubscribe(): Observable<never> {
    return NEVER;
  }

  organization(): Observable<string> {
    return of('00D000000000001');
  }

  topic(): Observable<never> {
    return NEVER;
  }

  schema(schemaId: string): Observable<WireSchemaInfo> {
    this.schemaCalls.push(schemaId);
    return this.schemas(schemaId);
  }

  close(): void {
    // Nothing is open but streams, which end with their subscribers.
  }

  /** The stream opened last. */
  get stream(): FakeStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('No stream was opened.');
    return stream;
  }
}
