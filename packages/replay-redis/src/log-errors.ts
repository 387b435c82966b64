import { logErrors, writerGap } from '@rxforce/core/internal';
import type { EventLogError } from '@rxforce/core/model';

export const { logFailure, mismatch, noPartition, invalidPosition } = logErrors({
  engine: 'Redis',
  problems: {
    dropped:
      'entries after it were dropped before they were read: the log keeps them for `retentionMs`, and no more than `maxEntries`',
    beyond: 'it is beyond the end: Redis has lost entries, as after a failover, or the log was deleted',
  },
});

/** Somebody else has appended, or Redis has lost what was appended. */
export function gap(name: string, topic: string): EventLogError {
  return writerGap(`the log "${name}" on Redis`, topic, 'Redis was restarted without what it had');
}
