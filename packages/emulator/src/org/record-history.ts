import type { Versions } from './record-overlay.js';
import type { StoredRecord } from './record-store.js';

/** A record's version before a change. */
interface Past {
  /** When it was replaced, in milliseconds since 1970. */
  readonly at: number;
  readonly id: string;
  /** `undefined` where the change created the record. */
  readonly before: StoredRecord | undefined;
}

/**
 * What records were like a while ago. Versions are kept only while somebody wants them, and no longer than they are
 * wanted.
 */
export class RecordHistory {
  private past: Past[] = [];
  private lag = 0;
  private cached: Versions | undefined;

  /** @param now - The time, in milliseconds since 1970. */
  constructor(private readonly now: () => number) {}

  /** How far back {@link versions} reaches, in milliseconds; 0 is not at all. */
  get lagMs(): number {
    return this.lag;
  }

  /** Versions are kept from now on, so it takes that long until they reach back as far. */
  set lagMs(lagMs: number) {
    this.lag = lagMs;
    if (lagMs === 0) this.past = [];
    this.cached = undefined;
  }

  /** Notes a change of a record. */
  note(id: string, before: StoredRecord | undefined): void {
    if (this.lag === 0) return;
    this.trim();
    this.past.push({ at: this.now(), id, before });
    this.cached = undefined;
  }

  /** The versions of {@link lagMs} ago, of the records that have changed since. */
  readonly versions = (): Versions => {
    this.trim();
    return (this.cached ??= oldest(this.past));
  };

  private trim(): void {
    const since = this.now() - this.lag;
    const kept = this.past.findIndex(({ at }) => at > since);
    if (kept === 0 || this.past.length === 0) return;
    this.past = kept === -1 ? [] : this.past.slice(kept);
    this.cached = undefined;
  }
}

function oldest(past: readonly Past[]): Versions {
  const versions = new Map<string, StoredRecord | undefined>();
  for (const { id, before } of past) {
    if (!versions.has(id)) versions.set(id, before);
  }
  return versions;
}
