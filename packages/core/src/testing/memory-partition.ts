import { Subject } from 'rxjs';
import { ReplayId } from '../model/replay-id.js';
import type { DroppedUnread, LogEntry, LoggedEntry } from '../ports/event-log.js';

/** How many entries of a partition are compared with those that are appended. */
const RECENT = 1_000;

/** An entry, and when it was appended. */
export interface Kept extends LoggedEntry {
  readonly at: number;
}

/** One partition of a topic. Positions are numbers from 1. */
export class MemoryPartition {
  readonly added$ = new Subject<void>();
  /** How many entries were ever added, and how many of them were dropped. */
  added = 0;
  dropped = 0;
  /** How far groups have read, by their names. */
  readonly groups = new Map<string, number>();
  private readonly entries: Kept[] = [];
  private readonly recent = new Set<string>();

  constructor(private readonly most: number) {}

  add(entry: LogEntry, at: number): void {
    this.added++;
    this.entries.push({ ...entry, at, position: positionOf(this.added), version: BigInt(this.added) });
    this.recent.add(keyOf(entry));
    if (this.recent.size > RECENT) this.recent.delete(this.recent.values().next().value ?? '');
    if (this.entries.length <= this.most) return;
    this.entries.shift();
    this.dropped++;
  }

  after(number: number): readonly Kept[] {
    return this.entries.slice(Math.max(0, number - this.dropped));
  }

  has(key: string): boolean {
    return this.recent.has(key);
  }

  /** How many were dropped unread, after so many were dropped before, and the group that is farthest behind. */
  unreadSince(before: number): Pick<DroppedUnread, 'group' | 'entries'> {
    const [slowest] = [...this.groups].sort(([, one], [, other]) => one - other);
    const [group, at = 0] = slowest ?? [];
    return { group, entries: this.dropped - Math.max(before, at) };
  }
}

/** An event may be in several partitions. */
export function keyOf({ id, origin, partition }: LogEntry): string {
  return `${partition} ${origin.toString()} ${id}`;
}

/** The position of an entry, by its number in its partition. */
export function positionOf(number: number): ReplayId {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return ReplayId.fromBytes(bytes);
}

/** The number of the entry that has this position. */
export function numberOf(position: ReplayId): number {
  return Number(Buffer.from(position.toBytes()).readBigUInt64BE());
}
