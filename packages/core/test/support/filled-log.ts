import type { EventLog, PubSubClient } from '@rxforce/core';
import { relayTo } from '@rxforce/operators';
import { take } from 'rxjs';

/** Relays so many changes of accounts into a log, from the earliest on. */
export function fill(client: PubSubClient, log: EventLog, changes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client
      .changes('Account', { replay: 'earliest', fields: [], settle: 'on-return' })
      .pipe(relayTo(log, { logger: { warn: () => undefined } }), take(changes))
      .subscribe({ error: reject, complete: resolve });
  });
}
