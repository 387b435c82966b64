import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Refusal } from '../model/refusal.js';
import { Outbox } from './outbox.js';
import { resetStream } from './reset-stream.js';
import { type CallIdentity, type Failure, serviceError } from './service-error.js';

/** The ways a stream ends. */
export interface StreamEnds {
  /** Ends the stream with an error, after the responses already sent. */
  fail(error: Refusal | Failure): void;
  /** Ends the stream with status OK, after the responses already sent. */
  end(): void;
  /** Ends the stream at once with RST_STREAM: responses already sent may not arrive, and no status comes. */
  drop(): void;
  /** Stops sending and receiving; the stream stays open until the client or the connection ends it. */
  silence(): void;
}

/** The server's side of one live stream: requests come in, responses go out, and it ends in one of several ways. */
export class CallStream<Request, Response> implements StreamEnds {
  private readonly outbox: Outbox<Response>;
  private readonly closing: (() => void)[] = [];
  private readonly leaving: (() => void)[] = [];
  private closed = false;
  private left = false;

  /** @param delayMs - The current delay of responses, in milliseconds. */
  constructor(
    private readonly stream: ServerDuplexStream<Request, Response>,
    private readonly identity: CallIdentity,
    delayMs: () => number,
  ) {
    this.outbox = new Outbox(stream, delayMs);
    stream.on('error', () => this.finish());
    stream.on('cancelled', () => {
      this.silence();
      this.leave();
    });
  }

  /** The id of the call. */
  get rpcId(): string {
    return this.identity.rpcId;
  }

  /** Whether it was neither ended nor silenced. */
  get isOpen(): boolean {
    return !this.closed;
  }

  /** Whether the client reads more slowly than responses are made. */
  get isFull(): boolean {
    return this.outbox.isFull;
  }

  /** Calls `listener` with each request, as long as the stream is open. */
  onRequest(listener: (request: Request) => void): void {
    this.stream.on('data', (request: Request) => {
      if (this.isOpen) listener(request);
    });
  }

  /** Calls `listener` when the client has ended its side, so no more requests come. */
  onRequestsEnd(listener: () => void): void {
    this.stream.on('end', listener);
  }

  /** Calls `listener` when the client reads again. */
  onDrain(listener: () => void): void {
    this.stream.on('drain', listener);
  }

  /** Calls `listener` once, when all activity is over. */
  onClose(listener: () => void): void {
    this.closing.push(listener);
  }

  /**
   * Calls `listener` once, when the client is gone or has seen the end. For a silenced stream, this is later than its
   * close.
   */
  onLeave(listener: () => void): void {
    this.leaving.push(listener);
  }

  /** Sends a response. */
  write(response: Response): void {
    this.outbox.write(response);
  }

  fail(error: Refusal | Failure): void {
    if (this.finish()) this.outbox.fail(serviceError(error, this.identity));
  }

  end(): void {
    if (this.finish()) this.outbox.end();
  }

  drop(): void {
    this.silence();
    this.leave();
    resetStream(this.stream);
  }

  silence(): void {
    this.close();
    this.outbox.discard();
  }

  /** Reports whether it was open. The end of a silenced stream is not sent to anybody. */
  private finish(): boolean {
    const wasOpen = this.close();
    if (wasOpen) this.leave();
    return wasOpen;
  }

  private close(): boolean {
    if (this.closed) return false;
    this.closed = true;
    this.closing.forEach((listener) => listener());
    return true;
  }

  private leave(): void {
    if (!this.left) {
      this.left = true;
      this.leaving.forEach((listener) => listener());
    }
  }
}
