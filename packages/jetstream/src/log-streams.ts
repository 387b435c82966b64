import { setTimeout } from 'node:timers/promises';
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type NextMsgRequest,
  type StoredMsg,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { Err, type Result } from '@rxforce/core/model';
import type { JetStreamCall, JetStreamConnection } from './jet-stream-connection.js';
import { topicNames, type TopicNames } from './names.js';
import type { NatsFailure } from './nats-failure.js';

/** What a log keeps of each topic. `undefined` where the log was given nothing: what is there stays as it is. */
export interface LogBounds {
  readonly retentionMs: number | undefined;
  readonly maxEntries: number | undefined;
  readonly maxBytes: number | undefined;
  readonly replicas: number | undefined;
}

/** The first and the last sequence that a stream has. */
export interface StreamEnds {
  /** The sequence of the oldest message; one more than `last` where there is none. */
  readonly first: number;
  /** The sequence of the newest message there ever was; 0 where there was none. */
  readonly last: number;
  /** On how many servers it is. */
  readonly replicas: number;
}

/** The first wait before a server that is behind is asked again, in milliseconds. Each one is twice as long. */
const ASK_AGAIN_MS = 100;

const WEEK_MS = 7 * 24 * 3_600_000;
const NANOS = 1_000_000;
const NO_BOUND = -1;
/**
 * How long JetStream remembers the ids of messages. They are used within one batch: each message names the one before
 * it. Others cost the memory of the server.
 */
const DUPLICATES_MS = 5_000;

/** The streams of a log: one for each topic. */
export class LogStreams {
  private readonly made = new Set<string>();

  constructor(
    private readonly connection: JetStreamConnection,
    private readonly name: string,
    private readonly bounds: LogBounds,
  ) {}

  names(topic: string): TopicNames {
    return topicNames(this.connection.prefix, this.name, topic);
  }

  /** Makes the stream of a topic where it is not there, and tells its ends. */
  async ends(topic: string): Promise<Result<StreamEnds, NatsFailure>> {
    const { stream } = this.names(topic);
    const asked = await this.connection.call(({ jsm }) => jsm.streams.info(stream));
    const found = asked.err && asked.val.kind === 'missing' ? await this.make(topic) : asked;
    return found.map(({ state, config }) => ({
      ...{ first: state.first_seq || 1, last: state.last_seq },
      replicas: config.num_replicas,
    }));
  }

  /**
   * The same, for one who knows that there was a message of this sequence. Of several servers, a new leader answers
   * before it has applied all that it has. So it is asked again for some time. Where it stays behind, that is a failure
   * that may pass: the end that it tells is none.
   */
  async endsFrom(topic: string, sequence: number): Promise<Result<StreamEnds, NatsFailure>> {
    const until = performance.now() + this.connection.timeoutMs;
    for (let waitMs = ASK_AGAIN_MS; ; waitMs *= 2) {
      const ends = await this.ends(topic);
      if (ends.err || ends.val.last >= sequence || ends.val.replicas === 1) return ends;
      const leftMs = until - performance.now();
      if (leftMs <= 0) return Err(behind(sequence, ends.val.last));
      await setTimeout(Math.min(waitMs, leftMs), undefined, { ref: false });
    }
  }

  /** The same for a writer, whose bounds count also where the stream is there. */
  async endsForWriter(topic: string, known: number): Promise<Result<StreamEnds, NatsFailure>> {
    const ends = await this.endsFrom(topic, known);
    if (ends.err || this.made.has(topic)) return ends;
    const bounded = await this.bound(topic);
    if (bounded.err) return bounded;
    this.made.add(topic);
    return ends;
  }

  /** The newest message of a partition. */
  lastOf(topic: string, partition: number): Promise<Result<StoredMsg | null, NatsFailure>> {
    const { stream, subject } = this.names(topic);
    return this.connection.call(({ jsm }) => jsm.streams.getMessage(stream, { last_by_subj: subject(partition) }));
  }

  /** The first message of a partition after a sequence. */
  nextOf(topic: string, partition: number, after: number): Promise<Result<StoredMsg | null, NatsFailure>> {
    const { stream, subject } = this.names(topic);
    const next: NextMsgRequest & { readonly seq: number } = { seq: after + 1, next_by_subj: subject(partition) };
    return this.connection.call(({ jsm }) => jsm.streams.getMessage(stream, next));
  }

  /** The message of a sequence, if it is kept. */
  messageAt(topic: string, sequence: number): Promise<Result<StoredMsg | null, NatsFailure>> {
    const { stream } = this.names(topic);
    return this.connection.call(({ jsm }) => jsm.streams.getMessage(stream, { seq: sequence }));
  }

  /** The streams have to be looked at again: one may be gone. */
  forget(topic: string): void {
    this.made.delete(topic);
  }

  private async make(topic: string): Promise<Result<StreamInfo, NatsFailure>> {
    const { stream, subjects } = this.names(topic);
    const { retentionMs = WEEK_MS, maxEntries = NO_BOUND, maxBytes = NO_BOUND, replicas = 1 } = this.bounds;
    const config = {
      ...{ name: stream, subjects: [subjects] },
      ...{ retention: RetentionPolicy.Limits, storage: StorageType.File, discard: DiscardPolicy.Old },
      ...{ max_age: retentionMs * NANOS, max_msgs_per_subject: maxEntries, max_bytes: maxBytes },
      // JetStream wants it to be no longer than messages are kept.
      duplicate_window: Math.min(DUPLICATES_MS, retentionMs) * NANOS,
      num_replicas: replicas,
    };
    const made = await this.connection.call(({ jsm }) => jsm.streams.add(config));
    if (made.ok) return made;
    // Another process may have made it at the same time, with other bounds.
    const asked = await this.connection.call(({ jsm }) => jsm.streams.info(stream));
    return asked.ok ? asked : made;
  }

  private async bound(topic: string): Promise<Result<unknown, NatsFailure>> {
    const { stream, subjects } = this.names(topic);
    const asked = await this.connection.call(({ jsm }) => jsm.streams.info(stream));
    if (asked.err) return asked;
    const { config } = asked.val;
    // A mirror has none.
    const has = config.subjects as readonly string[] | undefined;
    if (!has?.includes(subjects)) return Err(otherSubjects(stream, subjects));
    const changed = this.changesOf(config);
    if (Object.keys(changed).length === 0) return asked;
    return this.connection.call(({ jsm }) => updated(jsm, config, changed));
  }

  /** What of the bounds was given, and is not so. */
  private changesOf(config: StreamConfig): Partial<StreamConfig> {
    const { retentionMs, maxEntries, maxBytes, replicas } = this.bounds;
    const wanted: Partial<StreamConfig> = {
      ...(retentionMs !== undefined && { max_age: retentionMs * NANOS }),
      ...(maxEntries !== undefined && { max_msgs_per_subject: maxEntries }),
      ...(maxBytes !== undefined && { max_bytes: maxBytes }),
      ...(replicas !== undefined && { num_replicas: replicas }),
    };
    const has = config as unknown as Readonly<Record<string, unknown>>;
    return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => has[key] !== value));
  }
}

async function updated(jsm: JetStreamCall['jsm'], config: StreamConfig, changed: Partial<StreamConfig>): Promise<void> {
  const { max_age: age = config.max_age } = changed;
  const window = age > 0 ? Math.min(config.duplicate_window, age) : config.duplicate_window;
  await jsm.streams.update(config.name, { ...changed, duplicate_window: window });
}

/** What a server says that does not have a message of which it is known that it was there. */
export function behind(sequence: number, last: number): NatsFailure {
  const reason =
    `the server that answers knows messages up to ${last}, and message ${sequence} was there. It is behind the ` +
    'others. It is asked again. If it stays so, restart the server that leads the stream. If the stream was made anew, ' +
    'delete the position.';
  return { reason, retriable: true, kind: 'unknown', cause: undefined };
}

function otherSubjects(stream: string, subjects: string): NatsFailure {
  const reason =
    `the stream "${stream}" has not the subjects ${subjects}: another program has made it. Give rxforce a \`prefix\` of ` +
    'its own; or delete that stream, if nobody needs it.';
  return { reason, retriable: false, kind: 'refused', cause: undefined };
}
