import { RecordIds } from '../model/record-ids.js';
import type { QueryFindings } from '../soql/query-plan.js';

/** Most open cursors; the oldest is closed for a new one. */
const MOST_OPEN = 10;
/** How long a cursor stays open, in milliseconds. */
const OPEN_MS = 2 * 24 * 3_600_000;
/** The first three characters of cursors' ids. */
const KEY_PREFIX = '01g';

/** A query's findings that a client reads in several answers. */
export interface OpenCursor {
  readonly findings: QueryFindings;
  /** How many records have been read. */
  readonly position: number;
}

/** The queries whose records are read in several answers. Records come as they were when the query ran. */
export class QueryCursors {
  private readonly ids = new RecordIds(1);
  private readonly cursors = new Map<string, { readonly findings: QueryFindings; readonly openedAt: number }>();

  /** @param now - The time, in milliseconds since 1970. */
  constructor(private readonly now: () => number) {}

  /** Keeps findings, and returns the id for {@link find}. */
  open(findings: QueryFindings): string {
    const id = this.ids.next(KEY_PREFIX);
    this.cursors.set(id, { findings, openedAt: this.now() });
    const [oldest] = this.cursors.keys();
    if (this.cursors.size > MOST_OPEN && oldest !== undefined) this.cursors.delete(oldest);
    return id;
  }

  /** The cursor of a locator, which has a cursor's id and a position; `undefined` where it is not open. */
  find(locator: string): OpenCursor | undefined {
    const [, id = '', position = ''] = /^(\w+)-(\d+)$/.exec(locator) ?? [];
    const cursor = this.cursors.get(id);
    if (cursor === undefined || this.now() - cursor.openedAt >= OPEN_MS) return undefined;
    return { findings: cursor.findings, position: Number(position) };
  }

  /** Closes all cursors, and returns how many there were. */
  closeAll(): number {
    const count = this.cursors.size;
    this.cursors.clear();
    return count;
  }
}
