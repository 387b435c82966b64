import type { RecordReader, StoredRecord } from './record-store.js';

/** A transaction whose work is done and whose changes nobody sees yet. */
export interface HeldTransaction {
  /** The changed records by their ids. */
  readonly changed: ReadonlyMap<string, StoredRecord>;
  /** How many events its commit makes. */
  readonly events: number;
  /** Makes its changes visible, and reports them. */
  readonly commit: () => void;
}

/** A held transaction, with what keeps it. */
interface Held extends HeldTransaction {
  readonly number: number;
  /** Whether its own time is over; it may still wait for the locks of others. */
  isDue: boolean;
  readonly timer: NodeJS.Timeout | undefined;
  readonly committed: Promise<void>;
  readonly tell: () => void;
}

/**
 * The transactions that stay open after their work is done. They hold the locks of their records: a later transaction
 * that changes one of these commits after them, whatever its own time.
 */
export class OpenTransactions {
  /** In the order they have begun. */
  private readonly open = new Set<Held>();
  /** The transactions that have or want the lock of each record, in order. */
  private readonly locks = new Map<string, Held[]>();
  private begun = 0;
  private pendingEvents = 0;

  /** How many transactions were held so far, for {@link committedSince}. */
  get mark(): number {
    return this.begun;
  }

  /** How many events the commits of the open transactions will make. */
  get events(): number {
    return this.pendingEvents;
  }

  /** The records as a transaction finds them that waits for all locks. It scans and counts those that are committed. */
  view(store: RecordReader): RecordReader {
    if (this.open.size === 0) return store;
    return {
      get: (id) => this.locks.get(id)?.at(-1)?.changed.get(id) ?? store.get(id),
      scan: (...range) => store.scan(...range),
      count: (...which) => store.count(...which),
    };
  }

  /**
   * Commits a transaction: after a while, after the open ones that have its records, or at once.
   *
   * @param delayMs - How long it stays open, in milliseconds; `undefined` for not at all.
   */
  commit(transaction: HeldTransaction, delayMs: number | undefined): void {
    const isLocked = [...transaction.changed.keys()].some((id) => this.locks.has(id));
    if (delayMs === undefined && !isLocked) transaction.commit();
    else this.hold(transaction, delayMs);
  }

  /** Commits all open transactions now, in order, and returns how many there were. */
  commitAll(): number {
    const all = [...this.open];
    all.forEach((held) => this.end(held));
    return all.length;
  }

  /**
   * Resolves when all transactions are committed that were held since a {@link mark}; `undefined` where none is open.
   */
  committedSince(mark: number): Promise<unknown> | undefined {
    if (mark === this.begun) return undefined;
    const since = [...this.open].filter(({ number }) => number > mark);
    return since.length === 0 ? undefined : Promise.all(since.map(({ committed }) => committed));
  }

  /** Drops the open transactions: they are never committed. */
  drop(): void {
    for (const held of this.open) {
      this.release(held);
      held.tell();
    }
  }

  private hold(transaction: HeldTransaction, delayMs: number | undefined): void {
    let tell: () => void = () => undefined;
    const committed = new Promise<void>((resolve) => (tell = resolve));
    const timer = delayMs === undefined ? undefined : setTimeout(() => this.endInTurn(held), delayMs);
    const held: Held = { ...transaction, number: ++this.begun, isDue: timer === undefined, timer, committed, tell };
    this.open.add(held);
    this.pendingEvents += held.events;
    for (const id of held.changed.keys()) {
      this.locks.set(id, [...(this.locks.get(id) ?? []), held]);
    }
  }

  /** Commits a transaction whose time is over when it has all its locks, and then those that have waited for it. */
  private endInTurn(due: Held): void {
    due.isDue = true;
    const waiting = [due];
    for (const held of waiting) {
      const ids = [...held.changed.keys()];
      if (!this.open.has(held) || !held.isDue || ids.some((id) => this.locks.get(id)?.[0] !== held)) continue;
      this.end(held);
      waiting.push(...ids.flatMap((id) => this.locks.get(id)?.[0] ?? []));
    }
  }

  private end(held: Held): void {
    this.release(held);
    held.commit();
    held.tell();
  }

  private release(held: Held): void {
    clearTimeout(held.timer);
    this.open.delete(held);
    this.pendingEvents -= held.events;
    for (const id of held.changed.keys()) {
      const others = this.locks.get(id)?.filter((other) => other !== held) ?? [];
      if (others.length === 0) this.locks.delete(id);
      else this.locks.set(id, others);
    }
  }
}
