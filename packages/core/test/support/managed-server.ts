import { Observable, type Subscriber } from 'rxjs';
import { ConnectionError, ManagedSubscriptionError, ProtocolError, type RxforceError } from '../../src/model/errors.js';
import type { ManagedName, ManagedRequest, ManagedTransport } from '../../src/ports/transport.js';
import type { FetchedEvent } from '../../src/ports/fetched-event.js';
import type { ManagedFetchResponse, WireCommitResponse } from '../../src/ports/wire.js';
import { fetched, wireEvent } from './fake-service.js';

/** What the service answers while another client is active. */
export const ALREADY_ACTIVE = new ManagedSubscriptionError('already active', { retriable: true });

const NO_EVENTS = { events: [], rpcId: 'rpc', latestReplayId: Buffer.alloc(0), commitResponse: null };

/** One stream of the managed subscription. */
export class ManagedServerStream {
  /** Every request's number of events, and the position it commits. */
  readonly requests: string[] = [];
  /** The client has ended its half. */
  halfClosed = false;
  cancelled = false;
  private pending = 0;
  private position = 0;
  private named = false;

  constructor(
    private readonly server: ManagedServer,
    private readonly subscriber: Subscriber<ManagedFetchResponse>,
  ) {}

  /** For ManagedServer: reads a request. */
  request({ numRequested, commit }: ManagedRequest): void {
    const position = commit && Buffer.from(commit.replayId.toBytes()).toString();
    this.requests.push(position === undefined ? `${numRequested}` : `${numRequested} commit ${position}`);
    if (!this.named) this.begin(commit !== undefined || numRequested < 1);
    this.pending = Math.min(100, this.pending + numRequested);
    this.server.later(() => {
      if (commit && position !== undefined && !this.subscriber.closed) this.commit(commit.id, position);
      this.pump();
    });
  }

  /** Sends what there is, as far as it was asked for. */
  pump(): void {
    const events = this.server.log.slice(this.position, this.position + this.pending);
    if (events.length === 0 || this.subscriber.closed) return;
    this.position += events.length;
    this.pending -= events.length;
    this.respond({ events: events.map(eventNamed) });
  }

  /** Sends events without ids of their own. */
  sendWithoutIds(...replayIds: string[]): void {
    this.pending -= replayIds.length;
    this.respond({
      events: replayIds.map((name) => {
        const { event, replayId } = wireEvent(name);
        return fetched({ event: event && { ...event, id: '' }, replayId });
      }),
    });
  }

  /** Tells a position without an event; by default the one there is. */
  keepalive(latest = this.server.log[this.position - 1] ?? 'start'): void {
    this.respond({ latestReplayId: Buffer.from(latest) });
  }

  /** Answers a commit. What goes with it says nothing of what is outstanding. */
  answer(commitRequestId: string, position: string, error: WireCommitResponse['error'] = null): void {
    const replayId = Buffer.from(position);
    this.subscriber.next({
      ...NO_EVENTS,
      pendingNumRequested: 0,
      commitResponse: { commitRequestId, replayId, error, processTime: '0' },
    });
  }

  end(): void {
    this.subscriber.complete();
  }

  fail(error: RxforceError): void {
    this.subscriber.error(error);
  }

  /** For ManagedServer: the client asks for nothing more. */
  requestsEnded(): void {
    this.halfClosed = true;
    if (this.server.endsInPeace) this.end();
  }

  private begin(isRestricted: boolean): void {
    this.named = true;
    if (isRestricted) this.fail(new ProtocolError('the first request is restricted'));
    const { committed, log } = this.server;
    this.position = log.indexOf(committed ?? '') + 1;
  }

  private commit(id: string, position: string): void {
    this.server.asked.push(position);
    const { refusal } = this.server;
    if (refusal === undefined) this.server.committed = position;
    if (this.server.answersCommits) this.answer(id, position, refusal === undefined ? null : { code: 2, msg: refusal });
  }

  private respond(response: Partial<ManagedFetchResponse>): void {
    this.subscriber.next({ ...NO_EVENTS, pendingNumRequested: this.pending, ...response });
  }
}

/** `-` comes without a replay id. */
function eventNamed(name: string): FetchedEvent | null {
  const { event, replayId } = wireEvent(name);
  return fetched({ event, replayId: name === '-' ? Buffer.alloc(0) : replayId });
}

/** A service with one managed subscription and no network: it does as the service does. */
export class ManagedServer implements ManagedTransport {
  /** The names of all events, which are also their replay ids. */
  readonly log: string[] = [];
  /** The position it keeps. */
  committed: string | undefined;
  /** Every position that a client wanted to be committed. */
  readonly asked: string[] = [];
  readonly streams: ManagedServerStream[] = [];
  readonly names: ManagedName[] = [];
  /** What commits are refused with. */
  refusal: string | undefined;
  answersCommits = true;
  /** Does something after the client's call has returned, as a network does. */
  later: (work: () => void) => void = (work) => setImmediate(work);
  endsInPeace = true;
  /** What streams are refused with. */
  unavailable: RxforceError | undefined;

  managedSubscribe(
    name: ManagedName,
    requests: Observable<ManagedRequest>,
    silence: Observable<unknown>,
    connected?: () => void,
  ): Observable<ManagedFetchResponse> {
    return new Observable((subscriber) => {
      connected?.();
      this.names.push(name);
      const stream = new ManagedServerStream(this, subscriber);
      this.streams.push(stream);
      subscriber.add(() => (stream.cancelled = true));
      subscriber.add(silence.subscribe(() => stream.fail(new ConnectionError('silence', { retriable: true }))));
      if (this.unavailable) {
        stream.fail(this.unavailable);
        return;
      }
      subscriber.add(
        requests.subscribe({
          next: (request) => stream.request(request),
          complete: () => stream.requestsEnded(),
        }),
      );
    });
  }

  /** Appends events, and sends them where they are asked for. */
  append(...names: string[]): void {
    this.log.push(...names);
    this.stream.pump();
  }

  /** Sends events without ids of their own. */
  sendWithoutIds(...replayIds: string[]): void {
    this.stream.sendWithoutIds(...replayIds);
  }

  /** The stream opened last. */
  get stream(): ManagedServerStream {
    const stream = this.streams.at(-1);
    if (!stream) throw new Error('No stream was opened.');
    return stream;
  }
}
