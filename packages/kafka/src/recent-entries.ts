import type { LogEntry } from '@rxforce/core';

/** How many entries of a partition are remembered, and how far a reading looks back for them. */
export const RECENT = 1_000;

/** The entries of a partition that came last, to recognize one that comes again. */
export class RecentEntries {
  private readonly keys = new Set<string>();

  /** Whether the entry is among the last ones. It is the last one from here on. */
  seen({ origin, id }: Pick<LogEntry, 'origin' | 'id'>): boolean {
    const key = `${origin.toString()} ${id}`;
    const isSeen = this.keys.delete(key);
    this.keys.add(key);
    const [oldest] = this.keys;
    if (this.keys.size > RECENT && oldest !== undefined) this.keys.delete(oldest);
    return isSeen;
  }
}
