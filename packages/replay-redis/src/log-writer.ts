import { Subject } from 'rxjs';
import type { DroppedUnread, LogEntry } from '@rxforce/core';
import { fencedWriter } from '@rxforce/core/internal';
import { entryArgs, keyOf } from './log-entry-fields.js';
import { gap, logFailure } from './log-errors.js';
import type { LogKeys } from './log-keys.js';
import { APPEND } from './log-scripts.js';
import type { RedisConnection } from './redis-connection.js';

/** How many entries of a partition are remembered. The script looks as far back. */
const RECENT = 1_000;

/** What the writer knows of a topic. */
interface Chain {
  readonly fence: number | undefined;
  /** The entry that was added last, as Redis said. Empty where nothing is known. */
  last: string;
  /** Whether entries may be in the log that this writer has not appended. */
  isUnsure: boolean;
  /** The keys of the entries that are known to be in the log, by partition. */
  readonly recent: Map<number, Set<string>>;
}

/** The bounds of a log. */
export interface LogBounds {
  readonly maxEntries: number;
  readonly retentionMs: number;
}

/** Appends to the topics of one log. A call is one script: all its entries are durable, or none is. */
export class LogWriter {
  /** Emits when entries are dropped before all groups have read them. */
  readonly dropped$ = new Subject<DroppedUnread>();
  private readonly chains = new Map<string, Chain>();

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: LogKeys,
    private readonly name: string,
    private readonly bounds: LogBounds,
  ) {}

  async append(topic: string, entries: readonly LogEntry[], fence?: number): Promise<number> {
    if (entries.length === 0) return 0;
    const chain = this.chainOf(topic, fence);
    const isUnsure = chain.isUnsure || entries.some((entry) => chain.recent.get(entry.partition)?.has(keyOf(entry)));
    // Until the answer has come, nobody knows what is there.
    chain.isUnsure = true;
    const places = [...new Set(entries.map(({ partition }) => partition))];
    const of = this.keys.topic(topic);
    const answer = await this.connection.run(
      APPEND,
      [of.state, ...places.flatMap((partition) => [of.stream(partition), of.groups(partition)])],
      [
        ...[fence ?? '', chain.last, isUnsure ? '1' : '0', this.bounds.maxEntries, this.bounds.retentionMs],
        ...entries.flatMap((entry) => entryArgs(entry, places.indexOf(entry.partition) + 1)),
      ],
      { lane: of.state },
    );
    if (answer.err) throw logFailure(`Appending to ${topic} in the log "${this.name}"`, answer.val);
    const [done, last = '', added = '0', ...dropped] = answer.val as readonly string[];
    if (done !== 'done') this.chains.delete(topic);
    if (done === 'fenced') throw fencedWriter(topic, fence ?? 0);
    if (done === 'gap') throw gap(this.name, topic);
    chain.last = last;
    // Only an entry that was not there shows that those after it are not there either.
    chain.isUnsure = isUnsure && added === '0';
    entries.forEach((entry) => remember(chain, entry));
    this.tellDropped(topic, dropped);
    return entries.length;
  }

  /** @param dropped - For each partition its number, the group that is farthest behind, and how many entries. */
  private tellDropped(topic: string, dropped: readonly string[]): void {
    for (let at = 0; at < dropped.length; at += 3) {
      const [partition, group, entries] = dropped.slice(at, at + 3);
      this.dropped$.next({
        topic,
        partition: Number(partition),
        group: group === '' ? undefined : group,
        entries: Number(entries),
      });
    }
  }

  /** With another fence, other writers may have been at work meanwhile. */
  private chainOf(topic: string, fence: number | undefined): Chain {
    const known = this.chains.get(topic);
    if (known?.fence === fence && known !== undefined) return known;
    const chain = { fence, last: '', isUnsure: true, recent: new Map<number, Set<string>>() };
    this.chains.set(topic, chain);
    return chain;
  }
}

function remember({ recent }: Chain, entry: LogEntry): void {
  const keys = recent.get(entry.partition) ?? new Set<string>();
  recent.set(entry.partition, keys);
  keys.add(keyOf(entry));
  const [oldest] = keys;
  if (keys.size > RECENT && oldest !== undefined) keys.delete(oldest);
}
