import { type Batch, type Subscription, unknownTopic } from '../flow/subscription.js';
import { encodeFetchResponse } from '../wire/fetch-response.js';
import type { Topic } from '../bus/topic.js';
import type { CallOptions } from './call-context.js';
import type { CallStream } from './call-stream.js';

/** A stream for events, with requests of any kind. */
type EventStream = Omit<CallStream<never, Buffer>, 'onRequest'>;

/** The purpose of the timer of a pump. */
type Waiting = 'keepalive' | 'idle-close';

/** Pumps events from a topic to a stream within demand, and keeps the stream's time limits. */
export class EventPump {
  private stopListening: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private waiting: Waiting | undefined;
  private mergeTimer: NodeJS.Timeout | undefined;
  private woken = false;
  /** Whether the client has ended its side, so no more requests come. */
  private requestsEnded = false;

  constructor(
    private readonly stream: EventStream,
    private readonly subscription: Subscription,
    private readonly options: CallOptions,
  ) {
    stream.onRequestsEnd(() => this.halfClosed());
    stream.onDrain(() => this.pump());
    stream.onClose(() => this.stop());
    this.wait();
  }

  /** Notes that the demand has grown. */
  asked(): void {
    const { topic } = this.subscription;
    this.stopListening ??= topic === undefined ? undefined : this.listen(topic);
    this.pump();
  }

  /** Restarts the timer, because another response was sent on the stream. */
  restartTimer(): void {
    this.clearTimer();
    this.wait();
  }

  /** Sends the newest position now, if there is demand and the client reads. */
  keepalive(): void {
    // Existing events come first, because the newest position is after them.
    this.flush();
    if (this.stream.isOpen && this.subscription.pending > 0 && !this.stream.isFull) {
      this.send(this.subscription.keepalive());
    }
    this.wait();
  }

  /** Sends the last events again, at most `count`, within demand. Returns their number. */
  redeliver(count: number): number {
    const events = this.subscription.redeliver(count);
    this.pump();
    return events;
  }

  private listen(topic: Topic): () => void {
    const stops = [
      topic.onAppend(() => this.wake()),
      topic.onRemove(() => this.stream.fail(unknownTopic(topic.definition.name))),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** New events are sent after all events of this turn are there, so a transaction comes as one response. */
  private wake(): void {
    if (this.woken || this.subscription.pending === 0) return;
    this.woken = true;
    queueMicrotask(() => {
      this.woken = false;
      this.pump();
    });
  }

  /** Sends the existing events, unless they are held back until there are more. */
  private pump(): void {
    const { mergeMs } = this.options;
    if (mergeMs > 0 && this.stream.isOpen && !this.requestsEnded && this.subscription.isPartlyFilled) {
      this.mergeTimer ??= setTimeout(() => this.flush(), mergeMs);
      this.wait();
    } else {
      this.flush();
    }
  }

  /** Sends events within demand, and stops while the client does not read. */
  private flush(): void {
    clearTimeout(this.mergeTimer);
    this.mergeTimer = undefined;
    while (this.stream.isOpen && !this.stream.isFull) {
      const batch = this.subscription.take();
      if (batch === undefined) break;
      this.send(batch);
    }
    if (this.requestsEnded && !this.stream.isFull) this.stream.end();
    this.wait();
  }

  private send({ events, latestReplayId, pending }: Batch): void {
    const frames = events.map(({ frame }) => frame);
    const response = { frames, latestReplayId, rpcId: this.stream.rpcId, pendingNumRequested: pending };
    this.clearTimer();
    this.stream.write(encodeFetchResponse(response));
  }

  /**
   * With demand and no events, an empty response reports the newest position. Without demand, the client must ask again
   * in time or it loses the stream.
   */
  private wait(): void {
    const waiting: Waiting = this.subscription.pending > 0 ? 'keepalive' : 'idle-close';
    if (!this.stream.isOpen || (this.timer !== undefined && this.waiting === waiting)) return;
    this.clearTimer();
    const { keepaliveMs, idleCloseMs } = this.options;
    this.waiting = waiting;
    this.timer = setTimeout(() => this.waited(waiting), waiting === 'keepalive' ? keepaliveMs : idleCloseMs);
  }

  private waited(waiting: Waiting): void {
    this.timer = undefined;
    if (waiting === 'idle-close') {
      this.stream.end();
    } else {
      this.keepalive();
    }
  }

  /** The client still gets the existing events, within its demand. */
  private halfClosed(): void {
    this.requestsEnded = true;
    this.pump();
  }

  private stop(): void {
    this.stopListening?.();
    this.clearTimer();
    clearTimeout(this.mergeTimer);
  }

  private clearTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
