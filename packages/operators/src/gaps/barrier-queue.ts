/** The part of its group that an item is about: the items with these keys, or all. No two groups share a key. */
export type Concern = readonly string[] | 'all';

interface Entry<T> {
  readonly item: T;
  readonly group: string;
  readonly concern: Concern;
  /** How many earlier items it waits for. */
  blockedBy: number;
  /** The later items that wait for it. */
  readonly followers: Entry<T>[];
  /** The next item in the list of those that may start. */
  next: Entry<T> | undefined;
}

/**
 * A queue of work: first come, first served, except that an item waits for all earlier items of its group that share a
 * key with it. An item that is about all of its group waits for all earlier items of the group, and all later ones wait
 * for it.
 */
export class BarrierQueue<T> {
  /** The items that may start, as a linked list: taking the first item of a long array is slow. */
  private firstReady: Entry<T> | undefined;
  private lastReady: Entry<T> | undefined;
  private readonly entries = new Set<Entry<T>>();
  /** For each group, its last item that is about all. */
  private readonly barriers = new Map<string, Entry<T>>();
  /** For each key, the last item that has it. */
  private readonly lasts = new Map<string, Entry<T>>();

  /** Whether everything that was added has finished. */
  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  /** All items that were added and have not finished. */
  items(): readonly T[] {
    return [...this.entries].map(({ item }) => item);
  }

  /** Whether an item with this key has not finished. */
  has(key: string): boolean {
    return this.lasts.has(key);
  }

  /** Whether an item added now would have to wait. */
  isBlocked(group: string, concern: Concern): boolean {
    return !this.isEmpty && this.earlierThan(group, concern).size > 0;
  }

  /** Adds an item. */
  add(item: T, group: string, concern: Concern): void {
    const earlier = this.earlierThan(group, concern);
    const entry: Entry<T> = { item, group, concern, blockedBy: earlier.size, followers: [], next: undefined };
    earlier.forEach(({ followers }) => followers.push(entry));
    this.entries.add(entry);
    if (concern === 'all') this.barriers.set(group, entry);
    else concern.forEach((key) => this.lasts.set(key, entry));
    if (entry.blockedBy === 0) this.makeReady(entry);
  }

  /** Takes the next item that may start, with the function to call when it has finished. */
  take(): { readonly item: T; readonly finish: () => void } | undefined {
    const entry = this.firstReady;
    if (entry === undefined) return undefined;
    this.firstReady = entry.next;
    if (entry.next === undefined) this.lastReady = undefined;
    entry.next = undefined;
    return { item: entry.item, finish: () => this.finish(entry) };
  }

  private makeReady(entry: Entry<T>): void {
    if (this.lastReady) this.lastReady.next = entry;
    else this.firstReady = entry;
    this.lastReady = entry;
  }

  private earlierThan(group: string, concern: Concern): Set<Entry<T>> {
    if (concern === 'all') return new Set([...this.entries].filter((entry) => entry.group === group));
    const earlier = new Set(concern.flatMap((key) => this.lasts.get(key) ?? []));
    const barrier = this.barriers.get(group);
    return barrier ? earlier.add(barrier) : earlier;
  }

  private finish(entry: Entry<T>): void {
    const { group, concern, followers } = entry;
    this.entries.delete(entry);
    if (concern === 'all') forget(this.barriers, group, entry);
    else concern.forEach((key) => forget(this.lasts, key, entry));
    for (const follower of followers) {
      if (--follower.blockedBy === 0) this.makeReady(follower);
    }
  }
}

/** Forgets an entry, unless a later one has taken its place. */
function forget<T>(lasts: Map<string, Entry<T>>, id: string, entry: Entry<T>): void {
  if (lasts.get(id) === entry) lasts.delete(id);
}
