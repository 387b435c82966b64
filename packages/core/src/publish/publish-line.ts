import { finalize, Observable, Subject, Subscription, type SchedulerLike, type Subscriber } from 'rxjs';
import { RxforceError } from '../model/errors.js';
import type { WirePublishRequest, WirePublishResponse } from '../ports/wire.js';
import { InFlight, type Sendable } from './in-flight.js';
import type { ResolvedPublisherOptions } from './options.js';
import { tookNothing, Trouble, type Remedy } from './trouble.js';

/** A request on its way. */
export interface Parcel extends Sendable {
  readonly request: WirePublishRequest;
}

/** What a line sends, and who is told what became of it. */
export interface LineWork<P extends Parcel> {
  /** Whether a parcel may go now, with so many on their way. */
  isReady(inFlight: number): boolean;
  /** That parcel. */
  take(): P;
  answered(parcel: P, response: WirePublishResponse): void;
  /** Parcels were sent, and the stream broke before their answers: they may be published, and are not sent again. */
  lost(parcels: readonly P[], cause: RxforceError): void;
  /** Nothing more can be sent. */
  failed(error: RxforceError): void;
}

/** Opens a stream that answers requests in order. When `silence` emits, its connection counts as dead. */
export type OpenStream = (
  requests: Observable<WirePublishRequest>,
  silence: Observable<RxforceError>,
) => Observable<WirePublishResponse>;

/** What a line is made of. */
export interface LineParts {
  readonly topic: string;
  readonly open: OpenStream;
  readonly options: Pick<
    ResolvedPublisherOptions,
    'maxInFlight' | 'maxAttempts' | 'onUnknown' | 'idleTimeoutMs' | 'answerTimeoutMs'
  >;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  /** Told of each pause before another stream. */
  readonly waiting: (attempt: number, delayMs: number, cause: RxforceError) => void;
}

type State =
  /** Nothing was to be sent since the last stream ended. */
  | { readonly type: 'closed' }
  | { readonly type: 'opening'; readonly stream: Subscription }
  | { readonly type: 'open'; readonly stream: Subscription; readonly requests: Subscriber<WirePublishRequest> }
  /** The last stream broke. */
  | { readonly type: 'waiting'; readonly pause: Subscription }
  | { readonly type: 'over' };

/** How long the server may take to end a stream that we ended, in milliseconds. */
const GOODBYE_MS = 10_000;

/** Keeps a stream open as long as there is something to send, opens another when it breaks, and knows what is on its way. */
export class PublishLine<P extends Parcel> {
  private state: State = { type: 'closed' };
  private readonly inFlight = new InFlight<P>();
  private readonly trouble: Trouble;
  private readonly silence = new Subject<RxforceError>();
  private watch: Subscription | undefined;
  private isPumping = false;
  private pumpAgain = false;

  constructor(
    private readonly parts: LineParts,
    private readonly work: LineWork<P>,
  ) {
    this.trouble = new Trouble(parts.options.maxAttempts);
  }

  /** Sends what may go. A loop, because an answer that comes at once makes room for the next. */
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

  /** Nothing more is to be sent, and all is answered. */
  end(): void {
    this.retire();
    this.state = { type: 'over' };
  }

  /** Cancels the stream: what is on its way may be published. */
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
    // Looking for work may have emitted a result, and that may have ended everything.
    if (this.state !== state) return true;
    if (state.type === 'closed') this.open();
    else this.send(state.requests, inFlight.takeAgain() ?? this.work.take());
    return true;
  }

  private send(requests: Subscriber<WirePublishRequest>, parcel: P): void {
    this.inFlight.sent(parcel);
    // Those behind the first do not make it wait longer.
    if (this.inFlight.count === 1) this.rearm();
    requests.next(parcel.request);
  }

  private open(): void {
    const stream = new Subscription();
    const isCurrent = () => 'stream' in this.state && this.state.stream === stream;
    const requests = new Observable<WirePublishRequest>((subscriber) => {
      if (!isCurrent()) return;
      this.state = { type: 'open', stream, requests: subscriber };
      this.pump();
    });
    this.state = { type: 'opening', stream };
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
      this.work.failed(strangeAnswer(this.parts.topic, response.rpcId));
      return;
    }
    this.trouble.over();
    this.rearm();
    this.work.answered(parcel, response);
    this.pump();
  }

  /** That of an idle stream is no fault, whatever it is called: the service closes one. */
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
    const remedy = this.trouble.after(error, random());
    const isResent = tookNothing(error) || options.onUnknown === 'resend';
    if (isResent) this.inFlight.sendAgain(unanswered);
    // Before anybody is told, so that what they do finds all in order.
    this.heal(remedy, error);
    if (!isResent && unanswered.length > 0) this.work.lost(unanswered, error);
    if (remedy.type === 'fail') this.work.failed(error);
    else this.pump();
  }

  private heal(remedy: Remedy, error: RxforceError): void {
    if (remedy.type !== 'pause') return;
    const { scheduler, waiting } = this.parts;
    const pause = scheduler.schedule(() => {
      this.state = { type: 'closed' };
      this.pump();
    }, remedy.delayMs);
    this.state = { type: 'waiting', pause };
    waiting(remedy.attempt, remedy.delayMs, error);
  }

  private close(): void {
    this.watch?.unsubscribe();
    if ('stream' in this.state) this.state.stream.unsubscribe();
    this.state = { type: 'closed' };
  }

  /** Watches for an answer while one is due, and for the end of patience with an idle stream otherwise. */
  private rearm(): void {
    const { scheduler, options, topic } = this.parts;
    this.watch?.unsubscribe();
    if (this.inFlight.count === 0) {
      this.watch = scheduler.schedule(() => this.retire(), options.idleTimeoutMs);
      return;
    }
    const late = () => this.fellSilent(unanswered(topic, `No answer came for ${options.answerTimeoutMs} ms`));
    this.watch = scheduler.schedule(late, options.answerTimeoutMs);
  }

  private fellSilent(error: RxforceError): void {
    const { state } = this;
    this.silence.next(error);
    // A single call is not told, and is cancelled.
    if (this.state === state) this.broke(error);
  }

  /** Ends our half of the stream, and lets the server end the other. */
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
  return new RxforceError(
    'stream-ended',
    `${what}, although events for ${topic} were sent on it: whether they are published is unknown.`,
    { topic, retriable: true },
  );
}

function strangeAnswer(topic: string, rpcId: string): RxforceError {
  return new RxforceError(
    'protocol',
    `The service answered events on ${topic} that were not sent, or not in their order. Look for a proxy or a test server ` +
      'that answers PublishStream in its own way; if there is none, this is a defect of the client: please report it.',
    { topic, rpcId },
  );
}
