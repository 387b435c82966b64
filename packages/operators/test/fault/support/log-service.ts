import { Observable, of, throwError, timer, switchMap, type SchedulerLike, type Subscriber } from 'rxjs';
import { ConnectionError, ThrottledError, AuthenticationError, type RxforceError } from '@rxforce/core/model';
import type { ManagedTransport, StreamStart, Transport } from '../../../../core/src/ports/transport.js';
import type { FetchResponse, WireSchemaInfo } from '../../../../core/src/ports/wire.js';
import { fetched } from '../../../../core/test/support/fake-service.js';
import { SCHEMAS, type EventLog } from './event-log.js';

/** How the service behaves while it is healthy. */
export interface ServiceTraits {
  /** Time from client to server, and back, in milliseconds. */
  readonly latencyMs: number;
  /** Most events in a response. */
  readonly responseSize: number;
  /** Whether it sends what is asked for by itself, or only what the script tells. */
  readonly eager: boolean;
  /** How long each GetSchema takes, in milliseconds, and how many fail before one succeeds. */
  readonly schemaMs: number;
  readonly schemaFailures: number;
}

/** What the service tells the test. */
export interface ServiceListener {
  /** A stream is being opened: it starts before the event at this index. */
  opened(stream: LogStream, startsAt: number): void;
  /** The client breaks the service's rules. */
  broken(rule: string): void;
}

/** An error that the service ends a stream with. */
export type StreamFailure = 'connection' | 'throttled' | 'refused';

/** How often the server says that it is alive, in milliseconds. */
const KEEPALIVE_MS = 1_000;

/** One stream, and both of its ends. */
export class LogStream {
  /** Index of the next event to send. */
  cursor = -1;
  /** What the client has asked for and not been given. */
  asked = 0;
  /** Index behind the last event that the client was given, or the position it was told. */
  given: number | undefined;
  cancelled = false;
  private pending = 0;
  private over = false;
  /** The connection is dead, and nobody knows. */
  private mute = false;

  constructor(
    readonly start: StreamStart,
    private readonly service: LogService,
    private readonly subscriber: Subscriber<FetchResponse>,
  ) {}

  /** Whether the server has it open. */
  get isOpen(): boolean {
    return this.cursor >= 0 && !this.over && !this.cancelled;
  }

  /** The client asks for more. */
  request(count: number): void {
    const { service } = this;
    this.asked += count;
    if (count < 1 || this.asked > 100) service.listener.broken(`${count} more asked for, ${this.asked} together`);
    service.later(() => {
      this.pending = Math.min(100, this.pending + count);
      if (service.eager) this.serve();
    });
  }

  /** Sends all that there is and was asked for. */
  serve(): void {
    while (this.send(this.service.traits.responseSize));
  }

  /** Sends one response, of as many events as there are and were asked for; tells whether it had any. */
  send(most: number): boolean {
    if (!this.isOpen) return false;
    const { log } = this.service;
    const room = Math.min(most, this.pending);
    let end = Math.min(this.cursor + room, log.published);
    // Events that share a replay id are never parted: who has the first could not ask for the second.
    if (end > this.cursor && end < log.length && log.endOfGroup(end - 1) !== end) {
      end = log.endOfGroup(end - 1) - this.cursor <= this.pending ? log.endOfGroup(end - 1) : this.groupStart(end - 1);
    }
    if (end <= this.cursor) return false;
    const indices = Array.from({ length: end - this.cursor }, (_, offset) => this.cursor + offset);
    this.cursor = end;
    this.respond(indices, end);
    return true;
  }

  /** Sends events again that it has sent before, on account of the client's demand. */
  sendAgain(count: number, from: number): void {
    if (!this.isOpen) return;
    const first = Math.max(from, this.cursor - count);
    const indices = Array.from({ length: Math.min(this.pending, this.cursor - first) }, (_, offset) => first + offset);
    if (indices.length > 0) this.respond(indices, undefined);
  }

  /** Says that it is alive, and where it stands: when there is nothing to send. */
  keepalive(): void {
    if (this.isOpen && this.pending > 0 && this.cursor === this.service.log.published) this.respond([], this.cursor);
  }

  /** The connection dies, and nobody is told. */
  goSilent(): void {
    this.mute = true;
  }

  /** The server ends the stream, in peace where there is no failure. */
  end(failure?: StreamFailure): void {
    if (!this.isOpen || this.mute) return;
    this.over = true;
    this.service.later(() => {
      if (this.cancelled) return;
      if (failure) this.subscriber.error(errorOf(failure));
      else this.subscriber.complete();
    });
  }

  /** The client counts the connection as dead. */
  giveUp(): void {
    this.over = true;
    this.subscriber.error(new ConnectionError('silence'));
  }

  private groupStart(index: number): number {
    const { log } = this.service;
    let start = index;
    while (start > this.cursor && log.trait(start).sharesPosition) start--;
    return start;
  }

  private respond(indices: readonly number[], standsAt: number | undefined): void {
    const { service } = this;
    if (this.mute) return;
    this.pending -= indices.length;
    const events = indices.map((index) => service.log.wire(index));
    const response = {
      events: events.map(fetched),
      latestReplayId: events.at(-1)?.replayId ?? service.log.holeBefore(standsAt ?? 0),
      rpcId: 'rpc',
      pendingNumRequested: this.pending,
    };
    service.later(() => {
      if (this.cancelled || this.subscriber.closed) return;
      this.asked -= indices.length;
      this.given = standsAt ?? this.given;
      this.subscriber.next(response);
    });
  }
}

function errorOf(failure: StreamFailure): RxforceError {
  switch (failure) {
    case 'connection':
      return new ConnectionError('broken');
    case 'throttled':
      return new ThrottledError('slower', { retriable: true });
    case 'refused':
      return new AuthenticationError('expired', { grpcStatus: 16 });
  }
}

/** A service in virtual time, that has a log and starts each stream exactly where it is told to. */
export class LogService implements Transport, ManagedTransport {
  readonly streams: LogStream[] = [];
  eager: boolean;
  private schemaFailures: number;

  constructor(
    readonly log: EventLog,
    readonly traits: ServiceTraits,
    private readonly scheduler: SchedulerLike,
    readonly listener: ServiceListener,
  ) {
    this.eager = traits.eager;
    this.schemaFailures = traits.schemaFailures;
  }

  subscribe(start: StreamStart, demand: Observable<number>, silence: Observable<unknown>): Observable<FetchResponse> {
    return new Observable((subscriber) => {
      const stream = new LogStream(start, this, subscriber);
      this.streams.push(stream);
      this.later(() => this.open(stream));
      subscriber.add(() => (stream.cancelled = true));
      subscriber.add(silence.subscribe(() => stream.giveUp()));
      subscriber.add(demand.subscribe((count) => stream.request(count)));
    });
  }

  /** No more faults. */
  calm(): void {
    this.eager = true;
    this.schemaFailures = 0;
    this.serve();
  }

  /** Sends all that there is, if that is its way. */
  serve(): void {
    if (this.eager) this.streams.forEach((stream) => stream.serve());
  }

  /** The stream that is open, if any. */
  get stream(): LogStream | undefined {
    return this.streams.findLast((stream) => stream.isOpen);
  }

  /** Does something on the other side. */
  later(work: () => void): void {
    this.scheduler.schedule(work, this.traits.latencyMs);
  }

  managedSubscribe(): Observable<never> {
    throw new Error('Nothing here reads a managed subscription.');
  }

  organization(): Observable<string> {
    return of('00D000000000001');
  }

  topic(): Observable<never> {
    throw new Error('Nobody asks for topics.');
  }

  schema(schemaId: string): Observable<WireSchemaInfo> {
    const { schemaMs } = this.traits;
    const schemaJson = SCHEMAS.find(({ id }) => id === schemaId)!.json;
    const answer$ = of({ schemaId, schemaJson, rpcId: '' });
    if (schemaMs === 0) return answer$;
    return timer(schemaMs, this.scheduler).pipe(
      switchMap(() => (this.schemaFailures-- > 0 ? throwError(() => errorOf('connection')) : answer$)),
    );
  }

  close(): void {
    // Streams end with their subscribers.
  }

  private open(stream: LogStream): void {
    if (stream.cancelled) return;
    const { from } = stream.start;
    const at = from === 'latest' ? this.log.published : from === 'earliest' ? 0 : this.log.indexAfter(from);
    stream.cursor = at;
    this.listener.opened(stream, at);
    this.beat(stream);
  }

  private beat(stream: LogStream): void {
    this.scheduler.schedule(() => {
      if (!stream.isOpen) return;
      if (this.eager) stream.keepalive();
      this.beat(stream);
    }, KEEPALIVE_MS);
  }
}
