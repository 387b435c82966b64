import type { LogStart } from '@rxforce/core';
import { Err, Ok, ReplayId, type Result, type RxforceError } from '@rxforce/core/model';
import { placeIn } from './log-entry-headers.js';
import { invalidPosition, logFailure, noEntry, type PositionProblem } from './log-errors.js';
import { sequenceOf } from './log-position.js';
import type { LogStreams } from './log-streams.js';

/** Where a reading is. */
export interface ReadingPlace {
  /** The sequence that it reads after. `undefined` at the oldest entry that is kept, whatever was there before it. */
  readonly after: number | undefined;
  /** Whether the partition has nothing after it, up to this sequence. */
  readonly isAtEnd: boolean;
}

/** What is wrong with a start: a `ReplayIdInvalidError`, or an `EventLogError`. */
export type StartFailure = RxforceError;

/**
 * Finds where a reading starts, and whether that is valid: whether all entries after it are there. An entry says where the
 * one before it was, so one that was dropped is noticed.
 */
export async function readingStart(
  streams: LogStreams,
  { topic, partition, from }: LogStart,
): Promise<Result<ReadingPlace, StartFailure>> {
  const ends = await streams.ends(topic);
  if (ends.err) return Err(readingFailed(topic, partition, ends.val));
  const { first, last } = ends.val;
  if (from === 'latest') return Ok({ after: last, isAtEnd: true });
  const given = ReplayId.is(from) ? from : undefined;
  const wrong = (problem: PositionProblem) => Err(invalidPosition(topic, partition, given!, problem));
  const position = given && sequenceOf(given);
  if (given && position === undefined) return wrong('foreign');
  if ((position ?? 0) > last) return wrong('beyond');
  const found = await placeAfter(streams, topic, partition, position, last);
  // Nothing says what the partition had there.
  const isUnsure = position !== undefined && first > position + 1;
  if (found.ok && (found.val === 'dropped' || (found.val.isAtEnd && isUnsure))) return wrong('dropped');
  return found as Result<ReadingPlace, StartFailure>;
}

/**
 * Looks for the entry after a sequence.
 *
 * @param last - The newest sequence of the stream, asked for before. Where nothing follows, a reading is there.
 * @returns `'dropped'` where entries between are gone.
 */
export async function placeAfter(
  streams: LogStreams,
  topic: string,
  partition: number,
  after: number | undefined,
  last: number,
): Promise<Result<ReadingPlace | 'dropped', StartFailure>> {
  const next = await streams.nextOf(topic, partition, after ?? 0);
  if (next.err) return Err(readingFailed(topic, partition, next.val));
  if (next.val === null) return Ok({ after: Math.max(after ?? 0, last), isAtEnd: true });
  const place = placeIn(next.val.header);
  if (place === undefined) return Err(noEntry(next.val.subject, next.val.seq));
  const isDropped = after !== undefined && place.previous > after;
  return Ok(isDropped ? 'dropped' : { after, isAtEnd: false });
}

/** A call of a reading failed. */
export function readingFailed(topic: string, partition: number, failure: Parameters<typeof logFailure>[1]) {
  return logFailure(`Reading partition ${partition} of ${topic}`, failure);
}
