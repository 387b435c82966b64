import type { EventLogFailure } from '@rxforce/core/model';
import { EventLogError, PositionInUseError, ReplayIdInvalidError, type ReplayId } from '@rxforce/core/model';
import type { RedisFailure } from './redis-failure.js';

/** A call to Redis failed. */
export function logFailure(what: string, { reason, retriable, cause }: RedisFailure): EventLogError {
  return failed(`${what} on Redis failed: ${reason}`, retriable ? 'unavailable' : 'refused', cause);
}

function failed(message: string, reason: EventLogFailure, cause: unknown): EventLogError {
  return new EventLogError(message, { reason, cause });
}

/** The log has another number of partitions than the one that was given. */
export function mismatch(name: string, given: number, found: string): EventLogError {
  return failed(
    `The log "${name}" on Redis has ${found} partitions, and not ${given}: the number is fixed for good when a log is made, as the ` +
      'events of a record would come to another partition. Leave `partitions` out to take what is there, or give a log of ' +
      'another number another name.',
    'mismatch',
    undefined,
  );
}

/** A writer with a larger token has appended. */
export function fenced(topic: string, fence: number): PositionInUseError {
  return new PositionInUseError(
    `The lease of the writer of ${topic} has passed to another replica: its fencing token is larger than ${fence}. ` +
      'Nothing was appended.',
    { topic },
  );
}

/** Somebody else has appended, or Redis has lost what was appended. */
export function gap(name: string, topic: string): EventLogError {
  return new EventLogError(
    `What was appended last to ${topic} in the log "${name}" on Redis is not what this writer has appended last: another ` +
      'writer is at work, or Redis was restarted without what it had. Nothing was appended. Give all replicas of the writer ' +
      'one lease, and relayTo() its token by fencedBy. A subscription with a store goes on from its last commit.',
    { reason: 'gap', topic },
  );
}

/** A partition that the log does not have. */
export function noPartition(name: string, partition: number): EventLogError {
  return failed(`The log "${name}" on Redis has no partition ${partition}.`, 'refused', undefined);
}

/** Why a position cannot be read after. */
export type PositionProblem = 'dropped' | 'beyond' | 'foreign';

const PROBLEMS: Readonly<Record<PositionProblem, string>> = {
  dropped:
    'entries after it were dropped before they were read: the log keeps them for `retentionMs`, and no more than `maxEntries`',
  beyond: 'it is beyond the end: Redis has lost entries, as after a failover, or the log was deleted',
  foreign: 'it is no position of a log on Redis',
};

/** The log cannot go on after a position. */
export function invalidPosition(topic: string, partition: number, position: ReplayId, problem: PositionProblem) {
  return new ReplayIdInvalidError(
    `The event log does not go on after the position ${position.toString()} of partition ${partition} of ${topic}: ` +
      `${PROBLEMS[problem]}. See replay.onInvalid.`,
    { topic, replayId: position.toString() },
  );
}
