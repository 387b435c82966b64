import type { SubscriptionStatus } from '../ports/status.js';
import type { AttributeSet } from './attribute-set.js';
import { ATTRIBUTES } from './instruments.js';
import type { MetricSink } from './metric-sink.js';

/** Most objects that have a series of their own. A channel can be of many. */
const MOST_ENTITIES = 100;
const OTHER = 'other';

/** Counts the rows that snapshots have read: a status says how many it were so far. */
export class SnapshotRows {
  /** The rows that were counted, by subscription and object. */
  private readonly counted = new Map<string, number>();
  private readonly entities = new Set<string>();

  constructor(private readonly sink: MetricSink) {}

  read({ subscription, entity, phase, rows }: SnapshotStatus, of: AttributeSet): void {
    if (phase === 'waiting') return;
    const key = `${subscription} ${entity}`;
    // The first status of a snapshot has the rows that an earlier process has read.
    const before = this.counted.get(key) ?? rows;
    if (phase === 'done') this.counted.delete(key);
    else this.counted.set(key, rows);
    // Fewer than before: it goes on from what was settled, or begins again.
    const more = Math.max(0, rows - before);
    this.sink.add('rxforce.snapshot.rows', more, of.with(ATTRIBUTES.entity, this.nameOf(entity)).attributes);
  }

  /** A subscription is over: another one tells anew how far it is. */
  over(subscription: number): void {
    for (const key of this.counted.keys()) if (key.startsWith(`${subscription} `)) this.counted.delete(key);
  }

  private nameOf(entity: string): string {
    if (!this.entities.has(entity) && this.entities.size >= MOST_ENTITIES) return OTHER;
    this.entities.add(entity);
    return entity;
  }
}

type SnapshotStatus = Extract<SubscriptionStatus, { readonly type: 'snapshot' }>;
