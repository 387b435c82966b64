import type { Observable } from 'rxjs';
import type { EventLogError, PositionInUseError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';

/** What an event log rejects with. A position that the log does not have any more is a `ReplayIdInvalidError`. */
export type LogError = EventLogError | PositionInUseError;

/** What is known of an event log. */
export interface LogInfo {
  /** Identifies the log. It takes the place of an org's id in the keys of positions and leases. */
  readonly id: string;
  /** How many partitions it has. The number is fixed for good when the log is made. */
  readonly partitions: number;
}

/** An event, as it is appended. */
export interface LogEntry {
  /** From 0, below the number of partitions. */
  readonly partition: number;
  /** The event's own id. */
  readonly id: string;
  /** The event's replay id at the service. */
  readonly origin: ReplayId;
  /** The id of the schema that its payload was written with. */
  readonly schemaId: string;
  /** Its Avro bytes. */
  readonly payload: Uint8Array;
  /** The headers that its publisher gave it. Absent where there are none. */
  readonly headers?: Readonly<Record<string, Uint8Array>>;
  /**
   * `true` where the event was appended to several partitions, to each for its own records. A reader then leaves the
   * ids of other partitions out. An overflow and a wildcard such as `001*` go to all partitions, with what they name.
   */
  readonly isSplit?: boolean;
  /**
   * The record that it is about, where that is one, for an engine whose entries have a key. Those who read may not get
   * it.
   */
  readonly recordId?: string;
}

/** An event, as it is read. */
export interface LoggedEntry extends LogEntry {
  /** Its position in its partition, of 8 or 10 bytes. */
  readonly position: ReplayId;
  /** A number that grows with each entry of the partition. */
  readonly version: bigint;
}

/** Where a reading starts. */
export interface LogStart {
  readonly topic: string;
  readonly partition: number;
  /** `'latest'`: at the end. `'earliest'`: at the oldest entry kept. A position: after it. */
  readonly from: 'latest' | 'earliest' | ReplayId;
}

/** Some entries of one partition, in order, or none. */
export interface LogResponse {
  readonly entries: readonly LoggedEntry[];
  /**
   * Without entries: a position that no entry follows yet. `undefined` where there is none, as in an empty partition.
   */
  readonly latest: ReplayId | undefined;
  /**
   * How many entries of the partition were dropped before its oldest one. Only in the first response of a reading that
   * begins at the earliest entry. An engine that cannot tell them from others may count more. Absent where none was
   * dropped, or where the engine does not tell.
   */
  readonly dropped?: number;
}

/** Entries that a log has dropped before a group of readers had them. */
export interface DroppedUnread {
  readonly topic: string;
  readonly partition: number;
  /** The group that is farthest behind. `undefined` where no group has a position in this partition. */
  readonly group: string | undefined;
  /** How many of its entries were dropped unread since the last time. */
  readonly entries: number;
}

/** How far a position is from the end of its partition. */
export interface LogLag {
  /** How many entries follow it. `undefined` where the engine does not tell. */
  readonly events: number | undefined;
  /** When the first of them was appended, in epoch milliseconds. `undefined` where none follows, or nobody knows. */
  readonly oldestAt: number | undefined;
}

/** A position that a group of readers has made durable. */
export interface GroupPosition {
  readonly topic: string;
  readonly partition: number;
  /** The name of the group: `replay.name`. */
  readonly group: string;
  readonly position: ReplayId;
}

/**
 * A durable log of events in partitions, on an engine such as Redis. Each topic has all partitions. The entries of one
 * partition keep their order for good.
 *
 * Methods reject with a {@link LogError}. A retriable one (an `EventLogError` with the reason `unavailable`) may pass,
 * and the call is made again later. Any other error that they reject with or throw becomes the cause of an
 * `EventLogError`. The resolved values are checked.
 */
export interface EventLog {
  /** Makes the log where it is not there yet, and resolves what is there. */
  open(): Promise<LogInfo>;
  /**
   * Appends in order. Resolves how many of the first entries are durable. Where it is fewer, later ones of other
   * partitions may be durable, too. No entry follows one of its partition that is missing.
   *
   * Entries that are appended again, after an answer that was lost or by the next writer, are recognized: they count as
   * durable, and nothing is added. The last 1,000 entries of a partition are compared, at least. A log that cannot do
   * so may have them twice, and leaves out what comes again when it is read.
   *
   * Rejects with the reason `gap` where another writer has appended since the last call, except where the fence is
   * larger than that of the last call.
   *
   * @param fence - The fencing token of the writer's lease. The log remembers the largest of a topic, and rejects a
   * smaller one with a `PositionInUseError`. A log on an engine that cannot compare it says so: it rejects neither for
   * this reason nor for a gap.
   */
  append(topic: string, entries: readonly LogEntry[], fence?: number): Promise<number>;
  /** Keeps a schema, before the first entry that names it. A second call of the same id changes nothing. */
  putSchema(id: string, json: string): Promise<void>;
  /** Resolves the schema of an id, or `undefined` where the log has none. */
  schema(id: string): Promise<string | undefined>;
  /**
   * Reads one partition: a cold Observable. It emits a first response, which may be without entries, as soon as the
   * start is known to be valid, and after that what comes. Where nothing comes, it emits a response without entries at
   * least every 60 seconds. Errors with a `ReplayIdInvalidError` where entries after the position are gone, or where
   * the position is beyond the end.
   *
   * @param demand - Emits how many more entries are wanted. Never more than all of them together are emitted. The
   * reading completes with it.
   */
  read(start: LogStart, demand: Observable<number>): Observable<LogResponse>;
  /** Resolves how far a position is from the end. `undefined` is the beginning. */
  lag(topic: string, partition: number, position: ReplayId | undefined): Promise<LogLag>;
  /**
   * For a log that keeps entries for groups that have not read them, or tells by `dropped$` of those that it does not
   * keep: a group has everything up to this position. It is only a hint: a rejection changes nothing.
   */
  reached?(position: GroupPosition): Promise<void>;
  /**
   * For a log that knows its groups by `reached`: emits when an `append` of this object drops entries that the group
   * that is farthest behind has not read, or that no group can have read. `relayTo()` warns of it. It never errors.
   */
  readonly dropped$?: Observable<DroppedUnread>;
  /** Gives up what it has open. The log itself stays. Never rejects. */
  close(): Promise<void>;
}
