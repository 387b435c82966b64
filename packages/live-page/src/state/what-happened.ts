import type { HappenedEntry } from './live-reading.js';

/** What an entry says, before it is counted. */
export type Happened = Omit<HappenedEntry, 'id' | 'at' | 'times'>;

/** Most entries that are kept. */
const MOST_ENTRIES = 500;

/**
 * The last things that happened. What happens again, without anything else of the same subscription between, is one
 * entry with a count.
 */
export class WhatHappened {
  private readonly entries = new Map<number, HappenedEntry & { readonly revision: number }>();
  /** The last entry of each subscription. */
  private readonly newest = new Map<string, number>();
  private ids = 0;
  private revisions = 0;

  /** Grows with each change. */
  get revision(): number {
    return this.revisions;
  }

  add(at: number, happened: Happened): void {
    const key = JSON.stringify([happened.org, happened.topic, happened.name]);
    const before = this.entries.get(this.newest.get(key) ?? 0);
    const isAgain = before?.type === happened.type && before.text === happened.text;
    const id = isAgain ? before.id : ++this.ids;
    const times = isAgain ? before.times + 1 : 1;
    // It moves to the end: what happened last comes last.
    this.entries.delete(id);
    this.entries.set(id, { ...happened, id, at, times, revision: ++this.revisions });
    this.newest.set(key, id);
    if (this.entries.size > MOST_ENTRIES) this.dropOldest();
  }

  /** What has changed after a revision; all of it after 0. Oldest first. */
  since(revision: number): readonly HappenedEntry[] {
    return [...this.entries.values()]
      .filter((entry) => entry.revision > revision)
      .map(({ revision: _, ...entry }) => entry);
  }

  private dropOldest(): void {
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
