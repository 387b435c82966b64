/** With fewer items, it is not worth giving memory back. */
const LEAST_DEAD = 1_000;

/** First in, first out, in constant time. The `shift()` of a long array moves all its other items. */
export class Fifo<T> {
  /** The items before the head are taken. */
  private items: (T | undefined)[] = [];
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** The item that has waited longest. */
  peek(): T | undefined {
    return this.items[this.head];
  }

  shift(): T | undefined {
    const item = this.items[this.head];
    if (this.size > 0) this.items[this.head++] = undefined;
    if (this.head >= LEAST_DEAD && this.head * 2 >= this.items.length) this.forgetTaken();
    return item;
  }

  /** Takes all items, oldest first. */
  takeAll(): T[] {
    const all = this.items.slice(this.head) as T[];
    this.items = [];
    this.head = 0;
    return all;
  }

  private forgetTaken(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
