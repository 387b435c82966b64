import type { LogEntry } from '@rxforce/core';
import { Err, Ok, type Result } from '@rxforce/core/model';
import type { JetStreamConnection } from './jet-stream-connection.js';
import { keyIn, keyOf, placeIn } from './log-entry-headers.js';
import type { LogStreams, StreamEnds } from './log-streams.js';
import type { NatsFailure } from './nats-failure.js';
import { PullConsumer } from './pull-consumer.js';

/** How many entries of a partition are compared with those that are appended. */
const RECENT = 1_000;
/** Most headers that are read for it, as messages of other partitions are between them. */
const MOST_READ = 4 * RECENT;

/** The end of a partition, as a writer knows it. */
export class PartitionTail {
  private readonly recent: Set<string>;

  constructor(
    /** The sequence of its newest entry. Where none is kept: up to which one some may have been there. */
    public sequence: number,
    /** How many entries it has had. */
    public count: number,
    keys: Iterable<string> = [],
  ) {
    this.recent = new Set(keys);
  }

  has(entry: LogEntry): boolean {
    return this.recent.has(keyOf(entry));
  }

  /** An entry was appended. */
  add(entry: LogEntry, sequence: number): void {
    this.sequence = sequence;
    this.count++;
    this.recent.add(keyOf(entry));
    const [oldest] = this.recent;
    if (this.recent.size > RECENT && oldest !== undefined) this.recent.delete(oldest);
  }
}

/** Reads the end of a partition, in a stream that had these ends. */
export async function partitionTail(
  connection: JetStreamConnection,
  streams: LogStreams,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  ends: StreamEnds,
): Promise<Result<PartitionTail, NatsFailure>> {
  const last = await streams.lastOf(topic, partition);
  if (last.err) return last;
  const place = placeIn(last.val?.header);
  if (last.val === null || place === undefined) {
    // What it had may have been dropped since the writer has asked for the ends.
    const now = await streams.ends(topic);
    return now.map(({ first }) => new PartitionTail(first - 1, 0));
  }
  const { stream, subject } = streams.names(topic);
  const opened = await nearEnd(connection, { stream, subject: subject(partition) }, ends);
  if (opened.err) return opened;
  const { seq } = last.val;
  const keys = await keysOf(opened.val, seq);
  return keys.map((found) => new PartitionTail(seq, place.count, found.slice(-RECENT)));
}

/**
 * A consumer that begins at the last thousand entries of a subject, or some before them. How far back that is in a
 * stream of all partitions is found by halving: a new consumer tells how many messages are before it.
 */
async function nearEnd(
  connection: JetStreamConnection,
  of: { readonly stream: string; readonly subject: string },
  { first, last }: StreamEnds,
): Promise<Result<PullConsumer, NatsFailure>> {
  let [tooFar, tooNear] = [first - 1, last + 1];
  for (let from = Math.max(first, last + 1 - MOST_READ); ;) {
    const opened = await PullConsumer.open(connection, { ...of, from, headersOnly: true });
    if (opened.err) return opened;
    const { pending } = opened.val;
    if (pending < RECENT) tooNear = from;
    else tooFar = from;
    const isEnough = pending <= MOST_READ && (pending >= RECENT || from === first);
    if (isEnough || tooNear - tooFar <= 1) return opened;
    opened.val.stop();
    from = next(from, { first, tooFar, tooNear, last });
  }
}

function next(from: number, { first, tooFar, tooNear, last }: Record<'first' | 'tooFar' | 'tooNear' | 'last', number>) {
  // Until something was too far, four times as far back.
  if (tooFar < first) return Math.max(first, last + 1 - 4 * (last + 1 - from));
  return Math.floor((tooFar + tooNear) / 2);
}

/**
 * The keys of all that a consumer had before it when it was made. It fails where the newest entry is not among them:
 * then the consumer is on a server that is behind the others, or that entry was dropped meanwhile.
 */
function keysOf(consumer: PullConsumer, newest: number): Promise<Result<readonly string[], NatsFailure>> {
  const keys: string[] = [];
  return new Promise((resolve) => {
    const end = (outcome: Result<readonly string[], NatsFailure>) => {
      clearTimeout(timer);
      consumer.stop();
      resolve(outcome);
    };
    const lost = (why: string) =>
      end(Err({ reason: `Its end could not be read: ${why}.`, retriable: true, kind: 'unknown', cause: undefined }));
    let timer = setTimeout(() => lost('nothing came'), consumer.heartbeatMs * 3);
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => lost('nothing came'), consumer.heartbeatMs * 3);
    };
    if (consumer.pending === 0) {
      lost('its newest entry is missing');
      return;
    }
    void consumer.pull(consumer.pending, {
      message: ({ delivered, sequence, message: { headers } }) => {
        alive();
        if (delivered !== keys.length + 1 || headers === undefined) lost('a message is missing');
        else if (keys.push(keyIn(headers)) === consumer.pending) {
          if (sequence < newest) lost('its newest entry is missing');
          else end(Ok(keys));
        }
      },
      alive,
      over: () => lost('nothing came'),
      gone: lost,
      failed: (failure) => end(Err(failure)),
    });
  });
}
