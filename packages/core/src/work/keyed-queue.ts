/** An item of a queue. */
class Entry<T> {
  /** The number of its keys' lines in which it is not first. */
  blockedBy = 0;
  isTaken = false;
  /** The next entry among those that may start. */
  next: Entry<T> | undefined;

  constructor(
    readonly item: T,
    readonly keys: readonly string[],
    private readonly queue: { finished(entry: Entry<T>): void },
  ) {}

  /** The work on it has finished. */
  finish(): void {
    this.queue.finished(this);
  }
}

/** Many items have none. */
const NO_KEYS: readonly string[] = [];

/** A copy, as the keys are the user's. */
function distinct(keys: readonly string[]): readonly string[] {
  if (keys.length === 0) return NO_KEYS;
  return keys.length === 1 ? [...keys] : [...new Set(keys)];
}

/** An item that was taken. Call `finish` when the work on it has finished. */
export type Taken<T> = Pick<Entry<T>, 'item' | 'finish'>;

/**
 * Work that waits its turn, first come first served. An item also waits for all earlier ones that share a key with it.
 */
export class KeyedQueue<T> {
  /** The entries that may start, as a linked list. An array with a consumed part would keep finished items alive. */
  private firstReady: Entry<T> | undefined;
  private lastReady: Entry<T> | undefined;
  /** For each key, the entries that have not finished, in order. */
  private lines: Map<string, Entry<T>[]> | undefined;

  /** Adds an item. An item without keys waits for none. */
  add(item: T, keys: readonly string[]): void {
    const entry = new Entry(item, distinct(keys), this);
    for (const key of entry.keys) this.lineUp(entry, key);
    if (entry.blockedBy === 0) this.makeReady(entry);
  }

  /** Takes the next item that may start. */
  take(): Taken<T> | undefined {
    const entry = this.firstReady;
    if (entry === undefined) return undefined;
    this.firstReady = entry.next;
    if (entry.next === undefined) this.lastReady = undefined;
    entry.next = undefined;
    entry.isTaken = true;
    return entry;
  }

  /**
   * The item that an item with these keys would wait for next, if it was not taken yet and has exactly the same keys.
   * Then no item between the two shares a key with them.
   */
  lastWaiting(keys: readonly string[]): T | undefined {
    const lastOf = (key: string) => this.lines?.get(key)?.at(-1);
    const [first, ...others] = new Set(keys);
    const entry = first === undefined ? undefined : lastOf(first);
    if (entry === undefined || entry.isTaken || entry.keys.length !== others.length + 1) return undefined;
    return others.every((key) => lastOf(key) === entry) ? entry.item : undefined;
  }

  private lineUp(entry: Entry<T>, key: string): void {
    const lines = (this.lines ??= new Map<string, Entry<T>[]>());
    const line = lines.get(key);
    if (line === undefined) {
      lines.set(key, [entry]);
    } else {
      line.push(entry);
      entry.blockedBy++;
    }
  }

  private makeReady(entry: Entry<T>): void {
    if (this.lastReady) this.lastReady.next = entry;
    else this.firstReady = entry;
    this.lastReady = entry;
  }

  /** For Entry. */
  finished({ keys }: Entry<T>): void {
    for (const key of keys) {
      const line = this.lines?.get(key);
      line?.shift();
      const first = line?.[0];
      if (first === undefined) this.lines?.delete(key);
      else if (--first.blockedBy === 0) this.makeReady(first);
    }
  }
}
