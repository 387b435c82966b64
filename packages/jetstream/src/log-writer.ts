import { randomBytes } from 'node:crypto';
import type { LogEntry } from '@rxforce/core';
import { fencedWriter } from '@rxforce/core/internal';
import { Err, Ok, type Result } from '@rxforce/core/model';
import type { JetStreamCall, JetStreamConnection } from './jet-stream-connection.js';
import { entryHeaders, placeIn } from './log-entry-headers.js';
import { contended, gap, logFailure } from './log-errors.js';
import type { LogStreams, StreamEnds } from './log-streams.js';
import type { NatsFailure } from './nats-failure.js';
import { partitionTail, PartitionTail } from './partition-tail.js';

/** How often a call is tried again at once, where something else was appended meanwhile. */
const TRIES = 5;
/** Most messages of a call that are on their way at a time. */
const MOST_AT_ONCE = 500;

/** What the writer knows of a topic. */
interface Chain extends StreamEnds {
  /** The fence that its calls come with. */
  readonly given: number | undefined;
  /** The largest fence that was seen, which each entry has. */
  readonly fence: number;
  /** Tells its messages from those of other writers. */
  readonly id: string;
  /** The sequence of the newest message of the stream. */
  last: number;
  readonly tails: Map<number, PartitionTail>;
}

/**
 * Appends to the topics of one log. Each message says which sequence it follows, so all of a call are appended, or the
 * first ones up to some point. Whatever else was appended meanwhile is noticed by that.
 */
export class LogWriter {
  private readonly chains = new Map<string, Chain>();
  /** What was known after the last call of a topic, also where that has failed. */
  private readonly lastKnown = new Map<string, Pick<Chain, 'given' | 'last'>>();

  constructor(
    private readonly connection: JetStreamConnection,
    private readonly streams: LogStreams,
    private readonly name: string,
  ) {}

  async append(topic: string, entries: readonly LogEntry[], fence?: number): Promise<number> {
    if (entries.length === 0) return 0;
    const known = this.chains.get(topic);
    // Until the answers have come, nobody knows what is there.
    this.chains.delete(topic);
    let chain = known?.given === fence ? known : undefined;
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      chain ??= await this.begin(topic, entries, fence);
      const done = await this.appendTo(chain, topic, entries);
      if (done.ok) {
        this.know(topic, chain, done.val);
        return entries.length;
      }
      if (done.val.kind !== 'conflict') throw this.failure(topic, done.val);
      chain = undefined;
    }
    throw contended(topic);
  }

  /**
   * Keeps what is known after a call. Where all entries were there, the ends of partitions may have been read later
   * than that of the stream: an earlier holder's messages may lie between, and would look like a gap at the next call.
   */
  private know(topic: string, chain: Chain, sent: number): void {
    if (sent === 0) {
      this.lastKnown.delete(topic);
      return;
    }
    this.chains.set(topic, chain);
    this.lastKnown.set(topic, { given: chain.given, last: chain.last });
  }

  /** Learns what is there. */
  private async begin(topic: string, entries: readonly LogEntry[], given: number | undefined): Promise<Chain> {
    const ends = await this.streams.endsForWriter(topic, this.lastKnown.get(topic)?.last ?? 0);
    if (ends.err) throw this.failure(topic, ends.val);
    const newest = ends.val.last > 0 ? await this.streams.messageAt(topic, ends.val.last) : Ok(null);
    if (newest.err) throw this.failure(topic, newest.val);
    const { fence = 0 } = placeIn(newest.val?.header) ?? {};
    if (given !== undefined && fence > given) throw fencedWriter(topic, given);
    const id = randomBytes(9).toString('base64url');
    const chain = { ...ends.val, given, fence: Math.max(fence, given ?? 0), id, tails: new Map() };
    await this.checkGap(topic, chain, entries);
    return chain;
  }

  /** Where somebody else has appended since the last call, what follows must be there, or it would follow a gap. */
  private async checkGap(topic: string, chain: Chain, [first]: readonly LogEntry[]): Promise<void> {
    const before = this.lastKnown.get(topic);
    if (before === undefined || first === undefined) return;
    if (before.given !== chain.given || before.last === chain.last) return;
    const tail = await this.tailOf(chain, topic, first.partition);
    if (tail.err) throw this.failure(topic, tail.val);
    if (tail.val.has(first)) return;
    this.lastKnown.delete(topic);
    throw gap(this.name, topic);
  }

  /** Appends what is not there. Results in the number of these entries. */
  private async appendTo(
    chain: Chain,
    topic: string,
    entries: readonly LogEntry[],
  ): Promise<Result<number, NatsFailure>> {
    for (const partition of new Set(entries.map((entry) => entry.partition))) {
      const tail = await this.tailOf(chain, topic, partition);
      if (tail.err) return tail;
    }
    const missing = entries.filter((entry) => !chain.tails.get(entry.partition)?.has(entry));
    for (let from = 0; from < missing.length; from += MOST_AT_ONCE) {
      const some = missing.slice(from, from + MOST_AT_ONCE);
      const sent = await this.connection.call((call) => this.send(call, chain, topic, some));
      if (sent.err) return Err(sent.val);
    }
    return Ok(missing.length);
  }

  /** Sends entries together. Each one is appended only where the one before it was. */
  private async send({ js }: JetStreamCall, chain: Chain, topic: string, entries: readonly LogEntry[]): Promise<void> {
    const { stream, subject } = this.streams.names(topic);
    const { id, fence } = chain;
    const answers = entries.map((entry, index) => {
      // It was read before.
      const tail = chain.tails.get(entry.partition) ?? new PartitionTail(0, 0);
      const headers = entryHeaders(entry, { previous: tail.sequence, count: tail.count + 1, fence });
      const expected = chain.last;
      const sequence = ++chain.last;
      tail.add(entry, sequence);
      return js.publish(subject(entry.partition), entry.payload, {
        ...{ headers, msgID: `${id}-${sequence}`, retries: 1 },
        expect: {
          ...{ streamName: stream, lastSequence: expected },
          // A message of an earlier try that is late must not follow one of another writer.
          ...(index > 0 && { lastMsgID: `${id}-${expected}` }),
        },
      });
    });
    // The first failure tells why. Those that follow it fail because of it.
    const failed = (await Promise.allSettled(answers)).find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async tailOf(chain: Chain, topic: string, partition: number): Promise<Result<PartitionTail, NatsFailure>> {
    const known = chain.tails.get(partition);
    if (known) return Ok(known);
    const read = await partitionTail(this.connection, this.streams, { topic, partition }, chain);
    if (read.ok) chain.tails.set(partition, read.val);
    return read;
  }

  private failure(topic: string, failure: NatsFailure) {
    if (failure.kind === 'missing') this.streams.forget(topic);
    return logFailure(`Appending to ${topic} in the log "${this.name}"`, failure);
  }
}
