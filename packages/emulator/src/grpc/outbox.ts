import type { StatusObject } from '@grpc/grpc-js';

/** The destination of responses: a stream of gRPC. */
export interface ResponseSink<Response> {
  readonly writableNeedDrain: boolean;
  write(response: Response): unknown;
  end(): unknown;
  emit(event: 'error', error: Partial<StatusObject>): unknown;
}

/** An item on its way to the client. */
interface Underway {
  /** When it is sent, in milliseconds of the monotonic clock. */
  readonly at: number;
  send(): void;
}

/** The delayed outgoing side of a call. Items leave in the order they came, including the end of the call. */
export class Outbox<Response> {
  private readonly underway: Underway[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @param delayMs - The delay of items added now, in milliseconds; 0 sends at once. */
  constructor(
    private readonly stream: ResponseSink<Response>,
    private readonly delayMs: () => number,
  ) {}

  /** Whether the client reads more slowly than responses are made. */
  get isFull(): boolean {
    return this.stream.writableNeedDrain;
  }

  /** Sends a response. */
  write(response: Response): void {
    this.later(() => this.stream.write(response));
  }

  /** Ends the stream with status OK. */
  end(): void {
    this.later(() => this.stream.end());
  }

  /** Ends the stream with an error. */
  fail(error: Partial<StatusObject>): void {
    // This is gRPC's way to end a stream with a status: earlier responses are still sent first.
    this.later(() => this.stream.emit('error', error));
  }

  /** Drops the items that are not sent yet. */
  discard(): void {
    clearTimeout(this.timer);
    this.underway.length = 0;
  }

  private later(send: () => void): void {
    const delayMs = this.delayMs();
    if (delayMs === 0 && this.underway.length === 0) {
      send();
      return;
    }
    // Items keep their order: one with a shorter delay waits for earlier items.
    const at = Math.max(performance.now() + delayMs, this.underway.at(-1)?.at ?? 0);
    this.underway.push({ at, send });
    if (this.underway.length === 1) this.waitForFirst();
  }

  private waitForFirst(): void {
    const [first] = this.underway;
    if (first !== undefined) this.timer = setTimeout(() => this.sendDue(), Math.max(0, first.at - performance.now()));
  }

  private sendDue(): void {
    const now = performance.now();
    // A timer may fire a fraction of a millisecond early.
    for (let [first] = this.underway; first !== undefined && first.at <= now + 1; [first] = this.underway) {
      this.underway.shift();
      first.send();
    }
    this.waitForFirst();
  }
}
