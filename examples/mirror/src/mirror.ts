/**
 * The mirror: reads the accounts of an org into a table, and then writes every change. In production this is the whole
 * application. All that it knows is in the database, so it can be killed at any moment.
 *
 * @packageDocumentation
 */
import { clientCredentials, createClient } from '@rxforce/core';
import { batchBy, retryWithDLQ } from '@rxforce/operators';
import { records } from '@rxforce/records';
import { sqlDeadLetterQueue, sqlMirror, sqlReplayStore } from '@rxforce/sql';
import type { Job, Message } from './messages.js';

const { endpoint, ca, credentials, database } = JSON.parse(process.argv[2] ?? '') as Job;
const tell = (message: Message) => process.send?.(message);

const client = createClient({ auth: clientCredentials(credentials), endpoint, tls: { ca } });
// A process that was killed is succeeded after two seconds.
const store = sqlReplayStore(database, { lockTtlMs: 2_000 });
const deadLetters = sqlDeadLetterQueue(database);
const mirror = sqlMirror({ database, entity: 'Account', client });

const accounts$ = records(client, 'Account').changes({
  // A position that is lost is answered by a new snapshot; what is left over from before is swept.
  replay: { store, name: 'mirror', commitIntervalMs: 100, onInvalid: 'snapshot' },
  onRead: mirror.sweep,
  // The emulator's queries are never behind.
  queryLagMs: 0,
});

accounts$.status$.subscribe((status) => {
  if (status.type !== 'snapshot' || status.phase === 'waiting') return;
  const { rows, of } = status;
  // A process that starts again reports that everything was read before.
  if (status.phase === 'done' && rows === 0) return;
  tell(status.phase === 'done' ? { type: 'read', rows } : { type: 'reading', rows, of });
});

accounts$.pipe(batchBy(500, 50), retryWithDLQ(mirror.write, { deadLetters, maxRetries: 3 })).subscribe((result) => {
  if (result.err) console.error(`put aside: ${result.val.error.message}`);
  else tell({ type: 'written', events: 1 });
});

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => void client.drain({ timeoutMs: 5_000 }).then(() => process.exit(0)));
