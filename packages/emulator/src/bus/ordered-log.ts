/** Something with a place on the bus. */
export interface Positioned {
  /** The position, which is larger than all positions before it. */
  readonly position: number;
  /** When it was added, in milliseconds since 1970. */
  readonly at: number;
}

/** The fewest trimmed entries for which moving the rest is worthwhile. */
const COMPACT_AFTER = 1024;

/** Entries in the order of their positions: added at the end, forgotten from the start, found in logarithmic time. */
export class OrderedLog<T extends Positioned> {
  private entries: T[] = [];
  /** Entries before this index were trimmed, and wait to be removed in bulk. */
  private first = 0;

  /** How many entries there are. */
  get length(): number {
    return this.entries.length - this.first;
  }

  /** Adds an entry, whose position must be above the last one's. */
  push(entry: T): void {
    this.entries.push(entry);
  }

  /** Up to `most` entries from the first one after `position`. */
  after(position: number, most: number): T[] {
    const start = this.indexAfter(position);
    return this.entries.slice(start, start + most);
  }

  /** The last entries up to and including `position`, at most `most` of them, in order. */
  upTo(position: number, most: number): T[] {
    const end = this.indexAfter(position);
    return this.entries.slice(Math.max(this.first, end - most), end);
  }

  /** Whether an entry has this position. */
  has(position: number): boolean {
    const index = this.indexAfter(position) - 1;
    return index >= this.first && this.entries[index]?.position === position;
  }

  /** Forgets entries that were added before the given time, in milliseconds since 1970. */
  trim(before: number): void {
    let first = this.first;
    for (let entry = this.entries[first]; entry !== undefined && entry.at < before; entry = this.entries[first]) {
      first++;
    }
    this.forget(first);
  }

  /** Forgets entries up to and including a position. */
  drop(position: number): void {
    this.forget(this.indexAfter(position));
  }

  /** Forgets all entries before an index. */
  private forget(first: number): void {
    this.first = first;
    if (first > COMPACT_AFTER && first > this.entries.length / 2) {
      this.entries = this.entries.slice(first);
      this.first = 0;
    }
  }

  private indexAfter(position: number): number {
    let low = this.first;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle]?.position ?? Infinity) <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
