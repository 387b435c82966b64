import type { WireFetchRequest } from '@rxforce/core/codec';
import type { Refusal } from '../flow/refusal.js';
import { type Batch, Subscription, type SubscriptionSnapshot } from '../flow/subscription.js';
import { encodeFetchResponse } from '../wire/fetch-response.js';
import type { CallContext } from './call-context.js';
import { Outbox } from './outbox.js';
import { resetStream } from './reset-stream.js';
import type { SubscribeStream } from './service-definition.js';
import { type Failure, serviceError } from './service-error.js';

/** What the one timer of a call is waiting for. */
type Waiting = 'keepalive' | 'idle-close';

/** One live Subscribe call: pumps events from the topic to the stream within demand, and keeps its time limits. */
export class SubscribeCall {
  readonly #stream: SubscribeStream;
  readonly #context: CallContext;
  readonly #subscription: Subscription;
  readonly #outbox: Outbox;
  readonly #rpcId: string;
  readonly #onEnd: () => void;
  #stopListening: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waiting: Waiting | undefined;
  #mergeTimer: NodeJS.Timeout | undefined;
  #woken = false;
  /** The client has ended its side and will ask for nothing more. */
  #requestsEnded = false;
  #ended = false;

  /** @param onEnd - Called once, when the call is over, whoever ended it. */
  constructor(stream: SubscribeStream, context: CallContext, rpcId: string, onEnd: () => void) {
    this.#stream = stream;
    this.#context = context;
    this.#rpcId = rpcId;
    this.#onEnd = onEnd;
    this.#subscription = new Subscription(context.bus, () => context.options.maxEventsPerResponse);
    this.#outbox = new Outbox(stream, () => context.options.responseDelayMs);
    stream.on('data', (request: WireFetchRequest) => this.#request(request));
    stream.on('end', () => this.#halfClosed());
    stream.on('drain', () => this.#pump());
    stream.on('cancelled', () => this.silence());
    stream.on('error', () => this.#close());
    this.#wait();
  }

  /** What a look from outside sees. */
  snapshot(): SubscriptionSnapshot {
    return this.#subscription.snapshot();
  }

  /** Ends the stream with an error. */
  fail(error: Refusal | Failure): void {
    if (this.#close()) {
      this.#outbox.fail(serviceError(error, this.#rpcId));
    }
  }

  /** Ends the stream with status OK, after what was sent. */
  end(): void {
    if (this.#close()) {
      this.#outbox.end();
    }
  }

  /** Ends the stream at once with RST_STREAM: what was sent may not arrive, and no status comes. */
  drop(): void {
    this.silence();
    resetStream(this.#stream);
  }

  /** Says nothing any more, and hears nothing; the stream stays open until the client or the connection ends it. */
  silence(): void {
    this.#close();
    this.#outbox.discard();
  }

  /** Tells the newest position now, if anything is asked for and the client reads. */
  keepalive(): void {
    // What is there already comes first: the newest position is behind it.
    this.#flush();
    if (!this.#ended && this.#subscription.pending > 0 && !this.#outbox.isFull) {
      this.#send(this.#subscription.keepalive());
    }
    this.#wait();
  }

  /** Sends the last events again, up to so many, within demand. Tells how many that are. */
  redeliver(count: number): number {
    const events = this.#subscription.redeliver(count);
    this.#pump();
    return events;
  }

  #request(request: WireFetchRequest): void {
    if (this.#ended) {
      return;
    }
    const refusal = this.#subscription.request(request);
    if (refusal !== undefined) {
      this.fail(refusal);
      return;
    }
    this.#stopListening ??= this.#subscription.topic?.onAppend(() => this.#wake());
    this.#pump();
  }

  /** New events are looked at once all events of this turn are there: a transaction then comes as one response. */
  #wake(): void {
    if (this.#woken || this.#subscription.pending === 0) {
      return;
    }
    this.#woken = true;
    queueMicrotask(() => {
      this.#woken = false;
      this.#pump();
    });
  }

  /** Sends what is there, unless it is to be held back until there is more. */
  #pump(): void {
    const { mergeMs } = this.#context.options;
    if (mergeMs > 0 && !this.#ended && !this.#requestsEnded && this.#subscription.isPartlyFilled) {
      this.#mergeTimer ??= setTimeout(() => this.#flush(), mergeMs);
      this.#wait();
    } else {
      this.#flush();
    }
  }

  /** Sends what demand allows, and stops while the client does not read what it asked for. */
  #flush(): void {
    clearTimeout(this.#mergeTimer);
    this.#mergeTimer = undefined;
    while (!this.#ended && !this.#outbox.isFull) {
      const batch = this.#subscription.take();
      if (batch === undefined) {
        break;
      }
      this.#send(batch);
    }
    if (this.#requestsEnded && !this.#outbox.isFull) {
      this.end();
    }
    this.#wait();
  }

  #send({ events, latestReplayId, pending }: Batch): void {
    const frames = events.map(({ frame }) => frame);
    const response = { frames, latestReplayId, rpcId: this.#rpcId, pendingNumRequested: pending };
    this.#clearTimer();
    this.#outbox.write(encodeFetchResponse(response));
  }

  /**
   * While demand stands and nothing happens, an empty response tells the newest position. With nothing asked for, the
   * client must ask again in time or lose the stream.
   */
  #wait(): void {
    const waiting: Waiting = this.#subscription.pending > 0 ? 'keepalive' : 'idle-close';
    if (this.#ended || (this.#timer !== undefined && this.#waiting === waiting)) {
      return;
    }
    this.#clearTimer();
    const { keepaliveMs, idleCloseMs } = this.#context.options;
    this.#waiting = waiting;
    this.#timer = setTimeout(() => this.#waited(waiting), waiting === 'keepalive' ? keepaliveMs : idleCloseMs);
  }

  #waited(waiting: Waiting): void {
    this.#timer = undefined;
    if (waiting === 'idle-close') {
      this.end();
    } else {
      this.keepalive();
    }
  }

  /** The client still gets what is there already, within what it asked for. */
  #halfClosed(): void {
    this.#requestsEnded = true;
    this.#pump();
  }

  /** Stops all activity. Tells whether there was any. */
  #close(): boolean {
    if (this.#ended) {
      return false;
    }
    this.#ended = true;
    this.#stopListening?.();
    this.#clearTimer();
    clearTimeout(this.#mergeTimer);
    this.#onEnd();
    return true;
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
