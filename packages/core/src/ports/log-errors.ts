import { EventLogError, PositionInUseError, ReplayIdInvalidError } from '../model/errors.js';
import type { ReplayId } from '../model/replay-id.js';
import type { EngineFailure } from './engine-failure.js';

/** Why a position cannot be read after. */
export type PositionProblem = 'dropped' | 'beyond' | 'foreign';

/** What the errors of all logs on an engine say of it. */
export interface LogErrorWords {
  /** Such as `Redis`. */
  readonly engine: string;
  /** Why entries after a position are gone, or why the position is beyond the end. */
  readonly problems: Readonly<Record<'dropped' | 'beyond', string>>;
}

/** The errors that every log on an engine has. */
export interface LogErrors {
  /** A call failed, such as `Opening the log "a"`. */
  readonly logFailure: (what: string, failure: EngineFailure) => EventLogError;
  /** The log has another number of partitions than the one that was given. */
  readonly mismatch: (name: string, given: number, found: number | string) => EventLogError;
  /** A partition that the log does not have. */
  readonly noPartition: (name: string, partition: number) => EventLogError;
  /** The log cannot go on after a position. */
  readonly invalidPosition: (
    topic: string,
    partition: number,
    position: ReplayId | undefined,
    problem: PositionProblem,
  ) => ReplayIdInvalidError;
}

/** Makes the errors of logs on an engine. */
export function logErrors({ engine, problems }: LogErrorWords): LogErrors {
  const whys = { ...problems, foreign: `it is no position of a log on ${engine}` };
  return {
    logFailure: (what, { reason, retriable, cause }) =>
      new EventLogError(`${what} on ${engine} failed: ${reason}`, {
        reason: retriable ? 'unavailable' : 'refused',
        cause,
      }),
    mismatch: (name, given, found) =>
      new EventLogError(
        `The log "${name}" on ${engine} has ${found} partitions, and not ${given}: the number is fixed for good when a log ` +
          'is made, as the events of a record would come to another partition. Leave `partitions` out to take what is ' +
          'there, or give a log of another number another name.',
        { reason: 'mismatch' },
      ),
    noPartition: (name, partition) =>
      new EventLogError(`The log "${name}" on ${engine} has no partition ${partition}.`, { reason: 'refused' }),
    invalidPosition: (topic, partition, position, problem) => {
      const replayId = position?.toString() ?? '';
      return new ReplayIdInvalidError(
        `The event log does not go on after the position ${replayId} of partition ${partition} of ${topic}: ` +
          `${whys[problem]}. See replay.onInvalid.`,
        { topic, replayId },
      );
    },
  };
}

/**
 * Somebody else has appended, or the engine has lost what was appended.
 *
 * @param log - Such as `the log "a" on Redis`.
 * @param loss - How it may have lost something, such as `Redis was restarted without what it had`.
 */
export function writerGap(log: string, topic: string, loss: string): EventLogError {
  return new EventLogError(
    `What was appended last to ${topic} in ${log} is not what this writer has appended last: another writer is at work, or ` +
      `${loss}. Nothing was appended. Give all replicas of the writer one lease, and relayTo() its token by fencedBy. A ` +
      'subscription with a store goes on from its last commit.',
    { reason: 'gap', topic },
  );
}

/** A writer with a larger fencing token has appended. */
export function fencedWriter(topic: string, fence: number): PositionInUseError {
  return new PositionInUseError(
    `The lease of the writer of ${topic} has passed to another replica: its fencing token is larger than ${fence}. ` +
      'Nothing was appended.',
    { topic },
  );
}
