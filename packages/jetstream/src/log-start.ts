import type { LogStart } from '@rxforce/core';
import type { PositionProblem } from '@rxforce/core/internal';
import { Err, Ok, type ReplayId, type Result, type RxforceError } from '@rxforce/core/model';
import { placeIn } from './log-entry-headers.js';
import { invalidPosition, logFailure, noEntry } from './log-errors.js';
import { positionOf, sequenceIn, stampOf } from './log-position.js';
import { behind, type LogStreams, type StreamEnds } from './log-streams.js';
import type { NatsFailure } from './nats-failure.js';

/** Where a reading is. */
export interface ReadingPlace {
  /** The sequence that it reads after. `undefined` at the oldest entry that is kept, whatever was there before it. */
  readonly after: number | undefined;
  /** The position there. `undefined` where nothing was ever before it, or nobody needs it. */
  readonly position: ReplayId | undefined;
  /** Whether an entry is there after it. */
  readonly hasMore: boolean;
  /**
   * How many entries were dropped before the oldest one. Where the stream is empty, those of all partitions count.
   * Absent at a position, and where nothing tells.
   */
  readonly dropped?: number;
}

/** A failure is a `ReplayIdInvalidError`, or an `EventLogError`. */
type Started = Result<ReadingPlace, RxforceError>;

/**
 * Finds where a reading starts, or is, and whether that is valid: whether all entries after it are there. An entry says
 * where the one before it was, so one that was dropped is noticed. The stamp of a position is that of the message
 * before it, so a stream that has lost its end, or was deleted, is noticed also where it has as many messages again.
 */
export async function readingStart(streams: LogStreams, start: LogStart): Promise<Started> {
  const { topic, partition, from } = start;
  const position = typeof from === 'string' ? undefined : sequenceIn(from);
  const ends = await streams.endsFrom(topic, position?.sequence ?? 0);
  if (ends.err) return Err(readingFailed(topic, partition, ends.val));
  const { last } = ends.val;
  if (from === 'latest') return atEnd(streams, start, last);
  if (from === 'earliest') return placeAfter(streams, start, undefined, ends.val);
  if (position === undefined) return wrong(start, 'foreign');
  const { sequence, stamp } = position;
  if (sequence > last) return wrong(start, 'beyond');
  const there = await streams.messageAt(topic, Math.max(sequence, 1));
  if (there.err) return Err(readingFailed(topic, partition, there.val));
  const isOther = there.val !== null && stamp !== 0 && stamp !== stampOf(there.val.time.getTime());
  return isOther ? wrong(start, 'beyond') : placeAfter(streams, start, sequence, ends.val);
}

/** Looks for the entry after a sequence. Where nothing follows, a reading is at the end of the stream. */
async function placeAfter(
  streams: LogStreams,
  start: LogStart,
  after: number | undefined,
  { first, last, replicas }: StreamEnds,
): Promise<Started> {
  const { topic, partition } = start;
  const next = await nextAfter(streams, start, after ?? 0, { first, last, replicas });
  if (next.err) return Err(readingFailed(topic, partition, next.val));
  if (next.val === null) {
    const found = await isDroppedAfter(streams, topic, after, { first, last });
    if (found.err) return Err(readingFailed(topic, partition, found.val));
    if (found.val) return wrong(start, 'dropped');
    const end = await atEnd(streams, start, last);
    return end.map((place) => ({ ...place, ...(after === undefined && first > last && droppedOf(last)) }));
  }
  const place = placeIn(next.val.header);
  if (place === undefined) return Err(noEntry(next.val.subject, next.val.seq));
  const isDropped = after !== undefined && place.previous > after;
  if (isDropped) return wrong(start, 'dropped');
  return Ok({ after, position: undefined, hasMore: true, ...(after === undefined && droppedOf(place.count - 1)) });
}

/**
 * The entry after a sequence, or `null` where there is none. Of several servers, one that is behind may not know it: it
 * counts as missing only if a server that has the newest message does not have it either.
 */
async function nextAfter(
  streams: LogStreams,
  { topic, partition }: LogStart,
  after: number,
  { first, last, replicas }: StreamEnds,
): ReturnType<LogStreams['nextOf']> {
  const next = await streams.nextOf(topic, partition, after);
  if (next.err || next.val !== null || replicas === 1 || after >= last || first > last) return next;
  const newest = await streams.messageAt(topic, last);
  if (newest.err) return newest;
  return newest.val === null ? Err(behind(last, last - 1)) : streams.nextOf(topic, partition, after);
}

function droppedOf(count: number): Pick<ReadingPlace, 'dropped'> {
  return count > 0 ? { dropped: count } : {};
}

/**
 * Whether entries after a sequence may have been dropped, where none is there: nothing says what the partition had.
 * What the stream began with before that was known may have been dropped since, so it is asked again.
 */
async function isDroppedAfter(
  streams: LogStreams,
  topic: string,
  after: number | undefined,
  { first, last }: Pick<StreamEnds, 'first' | 'last'>,
): Promise<Result<boolean, NatsFailure>> {
  if (after === undefined || after >= last) return Ok(false);
  if (first > after + 1) return Ok(true);
  const ends = await streams.ends(topic);
  return ends.err ? ends : Ok(ends.val.first > after + 1);
}

async function atEnd(streams: LogStreams, { topic, partition }: LogStart, last: number): Promise<Started> {
  if (last === 0) return Ok({ after: last, position: undefined, hasMore: false });
  const newest = await streams.messageAt(topic, last);
  if (newest.err) return Err(readingFailed(topic, partition, newest.val));
  const stamp = newest.val === null ? 0 : stampOf(newest.val.time.getTime());
  return Ok({ after: last, position: positionOf(last, stamp), hasMore: false });
}

function wrong(start: LogStart, problem: PositionProblem): Err<RxforceError> {
  return Err(invalidStart(start, problem));
}

/** A reading cannot start there, or go on. */
export function invalidStart({ topic, partition, from }: LogStart, problem: PositionProblem): RxforceError {
  return invalidPosition(topic, partition, typeof from === 'string' ? undefined : from, problem);
}

/** A call of a reading failed. */
export function readingFailed(topic: string, partition: number, failure: Parameters<typeof logFailure>[1]) {
  return logFailure(`Reading partition ${partition} of ${topic}`, failure);
}
