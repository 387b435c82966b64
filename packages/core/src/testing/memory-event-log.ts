import { asyncScheduler, Subject, type SchedulerLike } from 'rxjs';
import { EventLogError } from '../model/errors.js';
import { wholeNumber } from '../model/whole-number.js';
import type { DroppedUnread, EventLog, LogEntry } from '../ports/event-log.js';
import { fencedWriter } from '../ports/log-errors.js';
import { keyOf, MemoryPartition, numberOf } from './memory-partition.js';
import { readMemory } from './memory-reading.js';

/** How a `memoryEventLog` is made. */
export interface MemoryEventLogOptions {
  /**
   * How many partitions it has; at least 1.
   *
   * @defaultValue 32
   */
  readonly partitions?: number;
  /**
   * Identifies the log.
   *
   * @defaultValue `'log:memory'`
   */
  readonly id?: string;
  /**
   * Most entries of a partition; at least 1. The oldest are dropped.
   *
   * @defaultValue `Infinity`
   */
  readonly maxEntries?: number;
  /**
   * Longest time without a response of a reading, in milliseconds; at least 1.
   *
   * @defaultValue 30_000
   */
  readonly keepaliveMs?: number;
  /**
   * The clock, for marble tests.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/** A log in the memory of this process. */
export interface MemoryEventLog extends Required<EventLog> {
  /** Another log over the same data, as another process would have. */
  again(): MemoryEventLog;
}

/**
 * Makes an event log that lasts as long as this process. It is for tests of pipelines, and keeps the whole contract of
 * a log. A test spreads it to make a call fail: `{ ...log, append: () => Promise.reject(new Error('no')) }`.
 *
 * @throws `ConfigurationError` when an option is out of range.
 */
export function memoryEventLog(options: MemoryEventLogOptions = {}): MemoryEventLog {
  return logOver(new MemoryData(options));
}

function logOver(data: MemoryData): MemoryEventLog {
  const dropped$ = new Subject<DroppedUnread>();
  const writer = new MemoryWriter(data, dropped$);
  return {
    open: () => Promise.resolve({ id: data.id, partitions: data.partitions }),
    append: (topic, entries, fence) => later(() => writer.append(topic, entries, fence)),
    putSchema: (id, json) => later(() => data.keepSchema(id, json)),
    schema: (id) => later(() => data.schemas.get(id)),
    read: (start, demand) => readMemory(data, start, demand),
    lag: (topic, partition, position) =>
      later(() => {
        const entries = data.partition(topic, partition).after(position ? numberOf(position) : 0);
        return { events: entries.length, oldestAt: entries[0]?.at };
      }),
    reached: ({ topic, partition, group, position }) =>
      later(() => void data.partition(topic, partition).groups.set(group, numberOf(position))),
    dropped$: dropped$.asObservable(),
    close: () => Promise.resolve(),
    again: () => logOver(data),
  };
}

/** As an engine would: never within the call. */
async function later<T>(work: () => T): Promise<T> {
  await Promise.resolve();
  return work();
}

/** One topic. */
class MemoryTopic {
  fence = -Infinity;
  /** The key of the entry that was added last. */
  last = '';
  readonly partitions: readonly MemoryPartition[];

  constructor(count: number, most: number) {
    this.partitions = Array.from({ length: count }, () => new MemoryPartition(most));
  }
}

/** The data of a log, which all its objects share. */
class MemoryData {
  readonly id: string;
  readonly partitions: number;
  readonly keepaliveMs: number;
  readonly scheduler: SchedulerLike;
  readonly schemas = new Map<string, string>();
  private readonly topics = new Map<string, MemoryTopic>();
  private readonly most: number;

  constructor(options: MemoryEventLogOptions) {
    const { partitions = 32, id = 'log:memory', maxEntries = Infinity, keepaliveMs = 30_000 } = options;
    this.partitions = wholeNumber('partitions', partitions, 1);
    this.id = id;
    this.most = maxEntries === Infinity ? maxEntries : wholeNumber('maxEntries', maxEntries, 1);
    this.keepaliveMs = wholeNumber('keepaliveMs', keepaliveMs, 1);
    this.scheduler = options.scheduler ?? asyncScheduler;
  }

  topic(name: string): MemoryTopic {
    const topic = this.topics.get(name) ?? new MemoryTopic(this.partitions, this.most);
    this.topics.set(name, topic);
    return topic;
  }

  partition(topic: string, partition: number): MemoryPartition {
    const found = this.topic(topic).partitions[partition];
    if (found) return found;
    throw new EventLogError(`There is no partition ${partition}: the log has ${this.partitions}.`, {
      reason: 'refused',
    });
  }

  keepSchema(id: string, json: string): void {
    if (!this.schemas.has(id)) this.schemas.set(id, json);
  }
}

/** The entry that a writer added last, and under which fence. */
interface Chain {
  readonly fence: number | undefined;
  readonly last: string;
}

/** Appends to the topics of a log. */
class MemoryWriter {
  private readonly chains = new Map<string, Chain>();

  constructor(
    private readonly data: MemoryData,
    private readonly dropped$: Subject<DroppedUnread>,
  ) {}

  append(name: string, entries: readonly LogEntry[], fence?: number): number {
    const topic = this.data.topic(name);
    if (entries.length === 0) return 0;
    entries.forEach(({ partition }) => this.data.partition(name, partition));
    if (fence !== undefined && fence < topic.fence) throw fencedWriter(name, fence);
    topic.fence = Math.max(topic.fence, fence ?? -Infinity);
    const chain = this.chains.get(name);
    this.chains.delete(name);
    const last = chain?.fence === fence ? chain?.last : undefined;
    if (last !== undefined && last !== topic.last && !this.isThere(name, entries[0])) throw gap(name);
    const added = entries.filter((entry) => !this.isThere(name, entry));
    const touched = [...new Set(added.map(({ partition }) => partition))];
    const before = touched.map((each) => topic.partitions[each]?.dropped ?? 0);
    for (const entry of added) {
      this.data.partition(name, entry.partition).add(entry, this.data.scheduler.now());
      topic.last = keyOf(entry);
    }
    this.chains.set(name, { fence, last: topic.last });
    touched.forEach((each, index) => this.changed(name, each, before[index] ?? 0));
    return entries.length;
  }

  private changed(topic: string, partition: number, droppedBefore: number): void {
    const of = this.data.partition(topic, partition);
    of.added$.next();
    const unread = of.unreadSince(droppedBefore);
    if (unread.entries > 0) this.dropped$.next({ topic, partition, ...unread });
  }

  private isThere(name: string, entry: LogEntry | undefined): boolean {
    return entry !== undefined && this.data.partition(name, entry.partition).has(keyOf(entry));
  }
}

function gap(topic: string): EventLogError {
  return new EventLogError(
    `Another writer has appended to ${topic} since the last call of this one. Nothing was appended. Give the replicas of the ` +
      'writer a lease, and relayTo() its token by fencedBy.',
    { reason: 'gap', topic },
  );
}
