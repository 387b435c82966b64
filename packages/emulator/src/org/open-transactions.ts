import { RecordOverlay } from './record-overlay.js';
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
  private open: readonly Held[] = [];
  private begun = 0;

  /** How many transactions were held so far, for {@link committedSince}. */
  get mark(): number {
    return this.begun;
  }

  /** How many events the commits of the open transactions will make. */
  get events(): number {
    return this.open.reduce((sum, { events }) => sum + events, 0);
  }

  /** The records as a transaction finds them that waits for all locks. */
  view(store: RecordReader): RecordReader {
    if (this.open.length === 0) return store;
    const versions = new Map(this.open.flatMap(({ changed }) => [...changed]));
    return new RecordOverlay(store, () => versions);
  }

  /**
   * Commits a transaction: after a while, after the open ones that have its records, or at once.
   *
   * @param delayMs - How long it stays open, in milliseconds; `undefined` for not at all.
   */
  commit(transaction: HeldTransaction, delayMs: number | undefined): void {
    if (delayMs === undefined && !isLocked(transaction, this.open)) return transaction.commit();
    let tell: () => void = () => undefined;
    const committed = new Promise<void>((resolve) => (tell = resolve));
    const timer = delayMs === undefined ? undefined : setTimeout(() => this.end([held]), delayMs);
    const held: Held = { ...transaction, number: ++this.begun, isDue: timer === undefined, timer, committed, tell };
    this.open = [...this.open, held];
  }

  /** Commits all open transactions now, in order, and returns how many there were. */
  commitAll(): number {
    const count = this.open.length;
    this.end(this.open);
    return count;
  }

  /** Resolves when all transactions are committed that were held since a {@link mark}; `undefined` where none is open. */
  committedSince(mark: number): Promise<unknown> | undefined {
    const since = this.open.filter(({ number }) => number > mark);
    return since.length === 0 ? undefined : Promise.all(since.map(({ committed }) => committed));
  }

  /** Drops the open transactions: they are never committed. */
  drop(): void {
    this.open.forEach(({ timer, tell }) => {
      clearTimeout(timer);
      tell();
    });
    this.open = [];
  }

  private end(due: readonly Held[]): void {
    for (const held of due) {
      clearTimeout(held.timer);
      held.isDue = true;
    }
    const before: Held[] = [];
    for (const held of this.open) {
      if (!held.isDue || isLocked(held, before)) before.push(held);
      else {
        this.open = this.open.filter((each) => each !== held);
        held.commit();
        held.tell();
      }
    }
  }
}

function isLocked({ changed }: HeldTransaction, open: readonly HeldTransaction[]): boolean {
  return open.some((other) => [...changed.keys()].some((id) => other.changed.has(id)));
}
