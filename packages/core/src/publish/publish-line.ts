import { finalize, interval, Observable, Subject, Subscription, type SchedulerLike, type Subscriber } from 'rxjs';
import { RxforceError, StreamEndedError, ProtocolError } from '../model/errors.js';
import { monotonicNow } from '../model/monotonic.js';
import { LONGEST_TIMER_MS } from '../model/whole-number.js';
import type { WirePublishRequest, WirePublishResponse } from '../ports/wire.js';
import { InFlight, type Sendable } from './in-flight.js';
import { NO_TROUBLE, oneMore, remedyFor, type Remedy } from '../stream-life/reopen-policy.js';
import { SILENCE_MS } from '../stream-life/tell-silence.js';
import type { ResolvedPublisherOptions } from './options.js';
import { tookNothing } from './took-nothing.js';

/** A request in flight. */
export interface Parcel extends Sendable {
  readonly request: WirePublishRequest;
}

/** The source of a line's requests, and the receiver of their outcome. */
export interface LineWork<P extends Parcel> {
  /** Whether a parcel may be sent now, with so many in flight. */
  isReady(inFlight: number): boolean;
  /** Returns that parcel. */
  take(): P;
  /** @param tookMs - How long the answer took, in milliseconds. */
  answered(parcel: P, response: WirePublishResponse, tookMs: number): void;
  /** The stream broke before the answers to these parcels. They may be published, and are not sent again. */
  lost(parcels: readonly P[], cause: RxforceError): void;
  /** Sending has failed for good. */
  failed(error: RxforceError): void;
}

/** Opens a stream that answers requests in order. When `silence` emits, its connection counts as dead. */
export type OpenStream = (
  requests: Observable<WirePublishRequest>,
  silence: Observable<RxforceError>,
) => Observable<WirePublishResponse>;

/** The parts of a line. */
export interface LineParts {
  readonly topic: string;
  readonly open: OpenStream;
  readonly options: Pick<
    ResolvedPublisherOptions,
    'maxInFlight' | 'maxAttempts' | 'onUnknown' | 'idleTimeoutMs' | 'answerTimeoutMs'
  >;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  /**
   * Called at each pause before another stream.
   *
   * @param resent - Events that are sent again, although the first attempt may have published them.
   */
  readonly waiting: (attempt: number, delayMs: number, cause: RxforceError, resent: number) => void;
  /** Called when a stream has been opening for `SILENCE_MS`, and again after each further `SILENCE_MS`. */
  readonly opening: (times: number) => void;
}

type State =
  /** There was nothing to send since the last stream ended. */
  | { readonly type: 'closed' }
  | { readonly type: 'opening'; readonly stream: Subscription }
  | { readonly type: 'open'; readonly stream: Subscription; readonly requests: Subscriber<WirePublishRequest> }
  /** The last stream broke. */
  | { readonly type: 'waiting'; readonly pause: Subscription }
  | { readonly type: 'over' };

/** How long the server may take to end its half of a stream after we ended ours, in milliseconds. */
const GOODBYE_MS = 10_000;
/** The most times that the answer timeout is multiplied by, for a service that answers too late again and again. */
const MOST_PATIENCE = 16;

/**
 * Keeps a stream open while there is something to send, opens another when it breaks, and keeps account of the requests
 * in flight.
 */
export class PublishLine<P extends Parcel> {
  private state: State = { type: 'closed' };
  private readonly inFlight = new InFlight<P>();
  /** Streams that failed in a row since the last answer. */
  private trouble = NO_TROUBLE;
  /** Whether an answer ever came. */
  private hasWorked = false;
  private readonly silence = new Subject<RxforceError>();
  private watch: Subscription | undefined;
  /** How long an answer may take at present, in milliseconds. */
  private answerLimitMs: number;
  private readonly sentAt = new WeakMap<P, number>();
  /** The ids of the request that was answered last. */
  private lastIds: readonly string[] = [];
  private isPumping = false;
  private pumpAgain = false;

  constructor(
    private readonly parts: LineParts,
    private readonly work: LineWork<P>,
  ) {
    this.answerLimitMs = parts.options.answerTimeoutMs;
  }

  /**
   * Sends the requests that may be sent. A loop, because an answer that comes at once makes room for the next request.
   */
  pump(): void {
    this.pumpAgain = true;
    if (this.isPumping) return;
    this.isPumping = true;
    while (this.pumpAgain) {
      this.pumpAgain = false;
      while (this.sendNext());
    }
    this.isPumping = false;
  }

  /** Ends the line, as there is nothing more to send and everything is answered. */
  end(): void {
    this.retire();
    this.state = { type: 'over' };
  }

  /** Cancels the stream. Events in flight may be published. */
  cancel(): void {
    const { state } = this;
    this.state = { type: 'over' };
    this.watch?.unsubscribe();
    if (state.type === 'opening' || state.type === 'open') state.stream.unsubscribe();
    if (state.type === 'waiting') state.pause.unsubscribe();
  }

  private sendNext(): boolean {
    const { state, inFlight } = this;
    if (state.type !== 'closed' && state.type !== 'open') return false;
    if (inFlight.count >= this.parts.options.maxInFlight) return false;
    if (!inFlight.hasAgain && !this.work.isReady(inFlight.count)) return false;
    // The search for work may have emitted a result, and that may have ended everything.
    if (this.state !== state) return true;
    if (state.type === 'closed') this.open();
    else this.send(state.requests, inFlight.takeAgain() ?? this.work.take());
    return true;
  }

  private send(requests: Subscriber<WirePublishRequest>, parcel: P): void {
    this.inFlight.sent(parcel);
    this.sentAt.set(parcel, monotonicNow(this.parts.scheduler));
    // Later requests do not prolong the wait for the first one.
    if (this.inFlight.count === 1) this.rearm();
    requests.next(parcel.request);
  }

  private open(): void {
    const stream = new Subscription();
    const isCurrent = () => 'stream' in this.state && this.state.stream === stream;
    const requests = new Observable<WirePublishRequest>((subscriber) => {
      if (!isCurrent()) return;
      this.watch?.unsubscribe();
      this.state = { type: 'open', stream, requests: subscriber };
      this.pump();
    });
    this.state = { type: 'opening', stream };
    this.watch = interval(SILENCE_MS, this.parts.scheduler).subscribe((times) => this.parts.opening(times + 1));
    const responses = this.parts.open(requests, this.silence).pipe(finalize(() => stream.unsubscribe()));
    stream.add(
      responses.subscribe({
        next: (response) => isCurrent() && this.answered(response),
        error: (error: unknown) => isCurrent() && this.ended(RxforceError.from(error)),
        complete: () => isCurrent() && this.ended(unanswered(this.parts.topic, 'The service ended the stream')),
      }),
    );
  }

  private answered(response: WirePublishResponse): void {
    const parcel = this.inFlight.answered(response.results.map(({ correlationKey }) => correlationKey));
    if (parcel === undefined) {
      this.answeredStrangely(response);
      return;
    }
    this.lastIds = parcel.ids;
    this.trouble = NO_TROUBLE;
    this.hasWorked = true;
    const tookMs = monotonicNow(this.parts.scheduler) - (this.sentAt.get(parcel) ?? 0);
    this.learnPace(tookMs);
    this.rearm();
    this.work.answered(parcel, response, tookMs);
    this.pump();
  }

  /** A repeated answer changes nothing. After any other strange answer, the fate of the requests is unknown. */
  private answeredStrangely({ results, rpcId }: WirePublishResponse): void {
    if (results.every(({ correlationKey }) => this.lastIds.includes(correlationKey))) return;
    const error = strangeAnswer(this.parts.topic, rpcId);
    this.work.lost(this.inFlight.takeUnanswered(), error);
    this.work.failed(error);
  }

  /** A service that is slow with each request must not count as dead again at the next one. */
  private learnPace(tookMs: number): void {
    const { options } = this.parts;
    if (tookMs <= options.answerTimeoutMs) this.answerLimitMs = options.answerTimeoutMs;
  }

  /** The end of an idle stream is no fault, whatever its error, as the service closes idle streams. */
  private ended(error: RxforceError): void {
    const isIdle = this.state.type === 'open' && this.inFlight.count === 0;
    if (!isIdle) {
      this.broke(error);
      return;
    }
    this.close();
    this.pump();
  }

  private broke(error: RxforceError): void {
    const { options, random } = this.parts;
    this.close();
    const unanswered = this.inFlight.takeUnanswered();
    this.trouble = oneMore(this.trouble, error);
    const patience = { maxAttempts: options.maxAttempts, hasWorked: this.hasWorked, random: random() };
    const remedy = remedyFor(error, this.trouble, patience);
    const isSafe = tookNothing(error);
    const isResent = isSafe || options.onUnknown === 'resend';
    const resent = isSafe || !isResent ? 0 : unanswered.reduce((sum, { ids }) => sum + ids.length, 0);
    if (isResent) this.inFlight.sendAgain(unanswered);
    // This comes before any report, so that the listeners find a consistent state.
    this.heal(remedy, error, resent);
    if (!isResent && unanswered.length > 0) this.work.lost(unanswered, error);
    if (remedy.type === 'fail') this.work.failed(remedy.error);
    else this.pump();
  }

  private heal(remedy: Remedy, error: RxforceError, resent: number): void {
    if (remedy.type !== 'pause') return;
    const { scheduler, waiting } = this.parts;
    const pause = scheduler.schedule(() => {
      this.state = { type: 'closed' };
      this.pump();
    }, remedy.delayMs);
    this.state = { type: 'waiting', pause };
    waiting(this.trouble.failures, remedy.delayMs, error, resent);
  }

  private close(): void {
    this.watch?.unsubscribe();
    if ('stream' in this.state) this.state.stream.unsubscribe();
    this.state = { type: 'closed' };
  }

  /** Starts the timer for the answer while one is due, and otherwise the timer for an idle stream. */
  private rearm(): void {
    const { scheduler, options, topic } = this.parts;
    this.watch?.unsubscribe();
    if (this.inFlight.count === 0) {
      this.watch = scheduler.schedule(() => this.retire(), options.idleTimeoutMs);
      return;
    }
    const limitMs = this.answerLimitMs;
    const late = () => this.fellSilent(unanswered(topic, `No answer came for ${limitMs} ms`));
    this.watch = scheduler.schedule(late, limitMs);
  }

  private fellSilent(error: RxforceError): void {
    const { state } = this;
    const most = Math.min(this.parts.options.answerTimeoutMs * MOST_PATIENCE, LONGEST_TIMER_MS);
    this.answerLimitMs = Math.min(this.answerLimitMs * 2, most);
    this.silence.next(error);
    // The signal reaches only streams. A single call is cancelled here.
    if (this.state === state) this.broke(error);
  }

  /** Ends our half of the stream, and lets the server end its own. */
  private retire(): void {
    const { state } = this;
    this.watch?.unsubscribe();
    if (state.type === 'waiting') state.pause.unsubscribe();
    if (state.type === 'opening') state.stream.unsubscribe();
    this.state = { type: 'closed' };
    if (state.type !== 'open') return;
    state.stream.add(this.parts.scheduler.schedule(() => state.stream.unsubscribe(), GOODBYE_MS));
    state.requests.complete();
  }
}

function unanswered(topic: string, what: string): RxforceError {
  return new StreamEndedError(
    `${what}, although events for ${topic} were sent on it: whether they are published is unknown.`,
    { topic, retriable: true },
  );
}

function strangeAnswer(topic: string, rpcId: string): RxforceError {
  return new ProtocolError(
    `The service answered events on ${topic} that were not sent, so whether those that were sent are published is unknown. Look ` +
      'for a proxy or a test server that answers in its own way; if there is none, this is a defect of the client: please report ' +
      'it.',
    { topic, rpcId },
  );
}
