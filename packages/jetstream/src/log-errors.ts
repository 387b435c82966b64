import { logErrors, writerGap } from '@rxforce/core/internal';
import { EventLogError } from '@rxforce/core/model';

export const { logFailure, mismatch, noPartition, invalidPosition } = logErrors({
  engine: 'JetStream',
  problems: {
    dropped:
      'entries after it were dropped before they were read: the log keeps them for `retentionMs`, and no more than ' +
      '`maxEntries` and `maxBytes`',
    beyond: 'it is beyond the end, or of other entries: JetStream has lost entries, or the log was deleted',
  },
});

/** Somebody else has appended, or JetStream has lost what was appended. */
export function gap(name: string, topic: string): EventLogError {
  return writerGap(`the log "${name}" on JetStream`, topic, 'JetStream was restored without what it had');
}

/** Others append all the time. */
export function contended(topic: string): EventLogError {
  return new EventLogError(
    `Others have appended to ${topic} each time that this writer tried. Give all replicas of the writer one lease. ` +
      'It is tried again.',
    { reason: 'unavailable', topic },
  );
}

/** A message that `relayTo` has not written. */
export function noEntry(subject: string, sequence: number): EventLogError {
  return new EventLogError(
    `The message ${sequence} of ${subject} is no entry of a log: another program has published it. Let only the ` +
      'users of readers publish to these subjects, and remove the message ("nats stream rmm").',
    { reason: 'refused' },
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
