import {
  EventLogError,
  PositionInUseError,
  ReplayIdInvalidError,
  type EventLogFailure,
  type ReplayId,
} from '@rxforce/core/model';
import type { NatsFailure } from './nats-failure.js';

/** A call to JetStream failed. */
export function logFailure(what: string, { reason, retriable, cause }: NatsFailure): EventLogError {
  return failed(`${what} on JetStream failed: ${reason}`, retriable ? 'unavailable' : 'refused', cause);
}

function failed(message: string, reason: EventLogFailure, cause: unknown): EventLogError {
  return new EventLogError(message, { reason, cause });
}

/** The log has another number of partitions than the one that was given. */
export function mismatch(name: string, given: number, found: string): EventLogError {
  return failed(
    `The log "${name}" on JetStream has ${found} partitions, and not ${given}: the number is fixed for good when a ` +
      'log is made, as the events of a record would come to another partition. Leave `partitions` out to take what ' +
      'is there, or give a log of another number another name.',
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

/** Somebody else has appended, or JetStream has lost what was appended. */
export function gap(name: string, topic: string): EventLogError {
  return new EventLogError(
    `What was appended last to ${topic} in the log "${name}" on JetStream is not what this writer has appended last: ` +
      'another writer is at work, or JetStream was restored without what it had. Nothing was appended. Give all ' +
      'replicas of the writer one lease, and relayTo() its token by fencedBy. A subscription with a store goes on ' +
      'from its last commit.',
    { reason: 'gap', topic },
  );
}

/** Others append all the time. */
export function contended(topic: string): EventLogError {
  return new EventLogError(
    `Others have appended to ${topic} each time that this writer tried. Give all replicas of the writer one lease. ` +
      'It is tried again.',
    { reason: 'unavailable', topic },
  );
}

/** A partition that the log does not have. */
export function noPartition(name: string, partition: number): EventLogError {
  return failed(`The log "${name}" on JetStream has no partition ${partition}.`, 'refused', undefined);
}

/** A message that `relayTo` has not written. */
export function noEntry(subject: string, sequence: number): EventLogError {
  return failed(
    `The message ${sequence} of ${subject} is no entry of a log: another program has published it. Let only the ` +
      'users of readers publish to these subjects, and remove the message ("nats stream rmm").',
    'refused',
    undefined,
  );
}

/** The consumer of a reading ended again and again. */
export function consumerLost(topic: string, partition: number, why: string): EventLogError {
  return new EventLogError(
    `The consumer of partition ${partition} of ${topic} on JetStream has ended again and again: ${why}. It is tried ` +
      'again.',
    { reason: 'unavailable', topic },
  );
}

/** Why a position cannot be read after. */
export type PositionProblem = 'dropped' | 'beyond' | 'foreign';

const PROBLEMS: Readonly<Record<PositionProblem, string>> = {
  dropped:
    'entries after it were dropped before they were read: the log keeps them for `retentionMs`, and no more than ' +
    '`maxEntries` and `maxBytes`',
  beyond: 'it is beyond the end, or of other entries: JetStream has lost entries, or the log was deleted',
  foreign: 'it is no position of a log on JetStream',
};

/** The log cannot go on after a position. */
export function invalidPosition(
  topic: string,
  partition: number,
  position: ReplayId | undefined,
  problem: PositionProblem,
): ReplayIdInvalidError {
  const replayId = position?.toString() ?? '';
  return new ReplayIdInvalidError(
    `The event log does not go on after the position ${replayId} of partition ${partition} of ${topic}: ` +
      `${PROBLEMS[problem]}. See replay.onInvalid.`,
    { topic, replayId },
  );
}
