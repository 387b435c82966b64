/** What of its group an item is about: what has these keys, or all there is. No two groups have a key in common. */
export type Concern = readonly string[] | 'all';

interface Entry<T> {
  readonly item: T;
  readonly group: string;
  readonly concern: Concern;
  /** For how many earlier ones it waits. */
  blockedBy: number;
  /** The later ones that wait for it. */
  readonly followers: Entry<T>[];
  /** The one behind it among those that may start. */
  next: Entry<T> | undefined;
}

/**
 * Work waiting its turn: first come first served, except that an item waits for all earlier ones of its group that share a
 * key with it. One that is about all of its group waits for all earlier ones of the group, and all later ones wait for it.
 */
export class BarrierQueue<T> {
  /** Those that may start, as a list: to take the first of a long array is slow. */
  private firstReady: Entry<T> | undefined;
  private lastReady: Entry<T> | undefined;
  private readonly entries = new Set<Entry<T>>();
  /** By group, its last item that is about all. */
  private readonly barriers = new Map<string, Entry<T>>();
  /** By key, the last item that has it. */
  private readonly lasts = new Map<string, Entry<T>>();

  /** Whether everything that was added has finished. */
  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  /** All that was added and has not finished. */
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

/** Unless there is a later one by now. */
function forget<T>(lasts: Map<string, Entry<T>>, id: string, entry: Entry<T>): void {
  if (lasts.get(id) === entry) lasts.delete(id);
}
