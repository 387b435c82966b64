import type { SchedulerLike } from 'rxjs';
import type { DroppedUnread } from '@rxforce/core/internal';
import type { Logger } from '@rxforce/core/model';

/** The shortest pause between two warnings about one group, in milliseconds. It doubles with each. */
const SHORTEST_PAUSE_MS = 60_000;
/** The longest one. */
const LONGEST_PAUSE_MS = 3_600_000;

/** What was dropped that one group has not read, and the last warning about it. */
interface Row {
  entries: number;
  readonly partitions: Set<number>;
  at: number;
  pauseMs: number;
}

/** Warns of entries that a log drops before a group has read them: at once, and again while it lasts. */
export class DropWarnings {
  private readonly rows = new Map<string, Row>();

  constructor(
    private readonly logger: Logger,
    private readonly scheduler: SchedulerLike,
  ) {}

  /** Entries were dropped. */
  add({ topic, partition, group, entries }: DroppedUnread): void {
    const key = JSON.stringify([topic, group]);
    const row = this.rows.get(key) ?? { entries: 0, partitions: new Set(), at: -Infinity, pauseMs: 0 };
    const now = this.scheduler.now();
    row.entries += entries;
    row.partitions.add(partition);
    if (now - row.at < row.pauseMs) return;
    this.logger.warn(`${topic}: ${droppedOf(row, group, this.rows.has(key))} ${adviceFor(group)}`);
    const pauseMs = Math.min(Math.max(2 * row.pauseMs, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
    this.rows.set(key, { entries: 0, partitions: new Set(), at: now, pauseMs });
  }
}

function droppedOf({ entries, partitions }: Row, group: string | undefined, isReminder: boolean): string {
  const [first] = partitions;
  const unread = group === undefined ? 'that no group has read' : `that the group "${group}" has not read`;
  if (!isReminder) return `the log drops entries ${unread}, such as of partition ${first}.`;
  const where = partitions.size === 1 ? `partition ${first}` : `${partitions.size} partitions`;
  return `the log has dropped ${entries} more entries ${unread}, of ${where}.`;
}

function adviceFor(group: string | undefined): string {
  const raise = 'raise `maxEntries` and `retentionMs` of the log';
  return group === undefined
    ? `No group has a position there, and a worker that starts now begins after them. Start the workers, or ${raise}.`
    : `Its workers are too slow or do not run, and find their position invalid. Run more of them, or ${raise}.`;
}
