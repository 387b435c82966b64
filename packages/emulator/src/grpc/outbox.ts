import type { StatusObject } from '@grpc/grpc-js';
import type { SubscribeStream } from './service-definition.js';

/** The way out of a call, which may take a while. What goes in first comes out first, the end of the call included. */
export class Outbox {
  readonly #stream: SubscribeStream;
  readonly #delayMs: number;
  readonly #underway = new Set<NodeJS.Timeout>();

  /** @param delayMs - How long everything takes to get out, in milliseconds; 0 is at once. */
  constructor(stream: SubscribeStream, delayMs: number) {
    this.#stream = stream;
    this.#delayMs = delayMs;
  }

  /** Whether the client reads more slowly than responses are made. */
  get isFull(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** Sends a response. */
  write(encoded: Buffer): void {
    this.#later(() => this.#stream.write(encoded));
  }

  /** Ends the stream with status OK. */
  end(): void {
    this.#later(() => this.#stream.end());
  }

  /** Ends the stream with an error. */
  fail(error: Partial<StatusObject>): void {
    // gRPC's way to end a stream with a status: what was written before still goes out first.
    this.#later(() => this.#stream.emit('error', error));
  }

  /** Forgets what is not out yet. */
  discard(): void {
    this.#underway.forEach(clearTimeout);
    this.#underway.clear();
  }

  #later(action: () => void): void {
    if (this.#delayMs === 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#underway.delete(timer);
      action();
    }, this.#delayMs);
    this.#underway.add(timer);
  }
}
