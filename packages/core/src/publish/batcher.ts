/** How much one request takes. */
export interface BatchLimits {
  /** Most items. */
  readonly maxEvents: number;
  /** Most bytes, of all items and the envelope. */
  readonly maxBytes: number;
  /** The size of a request without its items, in bytes. */
  readonly envelopeBytes: number;
}

/**
 * Fills one request after the other, in order. Pure.
 *
 * An item that does not fit is the first of the next request. The caller makes sure that each item fits alone.
 */
export class Batcher<T> {
  private items: T[] = [];
  private bytes: number;
  private left: { readonly item: T; readonly bytes: number } | undefined;

  constructor(private readonly limits: BatchLimits) {
    this.bytes = limits.envelopeBytes;
  }

  /** Whether there is nothing to send. */
  get isEmpty(): boolean {
    return this.items.length === 0;
  }

  /** Whether the request is full. Then nothing may be offered. */
  get isFull(): boolean {
    return this.left !== undefined || this.items.length >= this.limits.maxEvents;
  }

  offer(item: T, bytes: number): void {
    if (!this.isEmpty && this.bytes + bytes > this.limits.maxBytes) this.left = { item, bytes };
    else this.add(item, bytes);
  }

  /** Returns the request's items, and begins the next request. */
  take(): T[] {
    const { items, left } = this;
    this.clear();
    if (left) this.add(left.item, left.bytes);
    return items;
  }

  /** Takes back all items that were offered and not taken, so that they can be offered again. */
  takeBack(): T[] {
    const { items, left } = this;
    this.clear();
    return left ? [...items, left.item] : items;
  }

  private add(item: T, bytes: number): void {
    this.items.push(item);
    this.bytes += bytes;
  }

  private clear(): void {
    this.items = [];
    this.bytes = this.limits.envelopeBytes;
    this.left = undefined;
  }
}
