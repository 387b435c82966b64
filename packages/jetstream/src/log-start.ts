import type { LogStart } from '@rxforce/core';
import { Err, Ok, type ReplayId, type Result, type RxforceError } from '@rxforce/core/model';
import { placeIn } from './log-entry-headers.js';
import { invalidPosition, logFailure, noEntry, type PositionProblem } from './log-errors.js';
import { positionOf, sequenceIn, stampOf } from './log-position.js';
import type { LogStreams, StreamEnds } from './log-streams.js';

/** Where a reading is. */
export interface ReadingPlace {
  /** The sequence that it reads after. `undefined` at the oldest entry that is kept, whatever was there before it. */
  readonly after: number | undefined;
  /** The position there. `undefined` where nothing was ever before it, or nobody needs it. */
  readonly position: ReplayId | undefined;
  /** Whether the partition has nothing after it, up to this sequence. */
  readonly isAtEnd: boolean;
}

/** What is wrong with a start: a `ReplayIdInvalidError`, or an `EventLogError`. */
export type StartFailure = RxforceError;

type Started = Result<ReadingPlace, StartFailure>;

/**
 * Finds where a reading starts, and whether that is valid: whether all entries after it are there. An entry says where
 * the one before it was, so one that was dropped is noticed. The stamp of a position is that of the message before it,
 * so a stream that has lost its end, or was deleted, is noticed also where it has as many messages again.
 */
export async function readingStart(streams: LogStreams, { topic, partition, from }: LogStart): Promise<Started> {
  const ends = await streams.ends(topic);
  if (ends.err) return Err(readingFailed(topic, partition, ends.val));
  const { last } = ends.val;
  if (from === 'latest') return atEnd(streams, topic, partition, last);
  if (from === 'earliest') return (await placeAfter(streams, topic, partition, undefined, ends.val)) as Started;
  const wrong = (problem: PositionProblem) => Err(invalidPosition(topic, partition, from, problem));
  const position = sequenceIn(from);
  if (position === undefined) return wrong('foreign');
  const { sequence, stamp } = position;
  if (sequence > last) return wrong('beyond');
  const there = await streams.messageAt(topic, Math.max(sequence, 1));
  if (there.err) return Err(readingFailed(topic, partition, there.val));
  const isOther = there.val !== null && stamp !== 0 && stamp !== stampOf(there.val.time.getTime());
  if (isOther) return wrong('beyond');
  const found = await placeAfter(streams, topic, partition, sequence, ends.val);
  return found.ok && found.val === 'dropped' ? wrong('dropped') : (found as Started);
}

/**
 * Looks for the entry after a sequence.
 *
 * @param ends - The ends of the stream, asked for before. Where nothing follows, a reading is at its last sequence.
 * @returns `'dropped'` where entries between are gone, or may be.
 */
export async function placeAfter(
  streams: LogStreams,
  topic: string,
  partition: number,
  after: number | undefined,
  { first, last }: StreamEnds,
): Promise<Result<ReadingPlace | 'dropped', StartFailure>> {
  const next = await streams.nextOf(topic, partition, after ?? 0);
  if (next.err) return Err(readingFailed(topic, partition, next.val));
  // Nothing says what the partition had there.
  if (next.val === null && after !== undefined && first > after + 1) return Ok('dropped');
  if (next.val === null) return atEnd(streams, topic, partition, Math.max(after ?? 0, last));
  const place = placeIn(next.val.header);
  if (place === undefined) return Err(noEntry(next.val.subject, next.val.seq));
  const isDropped = after !== undefined && place.previous > after;
  return Ok(isDropped ? 'dropped' : { after, isAtEnd: false, position: undefined });
}

async function atEnd(streams: LogStreams, topic: string, partition: number, after: number): Promise<Started> {
  if (after === 0) return Ok({ after, isAtEnd: true, position: undefined });
  const stamp = await streams.stampAt(topic, after);
  if (stamp.err) return Err(readingFailed(topic, partition, stamp.val));
  return Ok({ after, isAtEnd: true, position: positionOf(after, stamp.val) });
}

/** A call of a reading failed. */
export function readingFailed(topic: string, partition: number, failure: Parameters<typeof logFailure>[1]) {
  return logFailure(`Reading partition ${partition} of ${topic}`, failure);
}
