/**
 * A worker: reads its share of the log's partitions, and mirrors the accounts into a table. In production any number of
 * it runs. It needs no login to Salesforce.
 *
 * @packageDocumentation
 */
import { setTimeout } from 'node:timers/promises';
import { createLogClient, type ChangeEvent } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { redisLease, redisLog, redisMembership, redisReplayStore } from '@rxforce/replay-redis';
import { sqlMirror } from '@rxforce/sql';
import { Redis } from 'ioredis';
import { note, openDatabase } from './journal.js';
import { tell, type Job } from './messages.js';

interface Account {
  readonly NumberOfEmployees: number;
}

const { name, redisPort, database: file, partitions, ttlMs } = JSON.parse(process.argv[2] ?? '') as Job;

const redis = new Redis(redisPort);
const client = createLogClient({
  log: redisLog(redis, { name: 'crm', partitions }),
  membership: redisMembership(redis, { ttlMs }),
  memberName: name,
});
const database = openDatabase(file);
const mirror = sqlMirror<Account>({ database, entity: 'Account', client });

client.status$.subscribe(({ type, topic = '' }) => {
  const [, partition] = topic.split('#');
  if (partition === undefined) return;
  if (type === 'acquired') tell({ type, partition: Number(partition) });
  if (type === 'lost' || type === 'closed') tell({ type: 'released', partition: Number(partition) });
});
client
  .changes<Account>('Account', {
    replay: { store: redisReplayStore(redis), name: 'mirror', commitIntervalMs: 100 },
    lease: redisLease(redis, { ttlMs }),
  })
  .pipe(handle(save, { concurrency: 16 }))
  .subscribe({
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  });

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => void client.drain({ timeoutMs: 5_000 }).then(() => process.exit(0)));

/** The call of a slow system: the reason why there are several workers. */
async function save(event: ChangeEvent<Account>): Promise<void> {
  await setTimeout(5);
  await untilFree(() => mirror.write(event));
  for (const record of event.header.recordIds) {
    await untilFree(() => note(database, { record, value: event.data.NumberOfEmployees ?? 0 }));
  }
  tell({ type: 'handled' });
}

/** Writes again, as long as another worker has the file: on a slow machine, that may take longer than SQLite waits. */
async function untilFree(write: () => Promise<void> | void): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      const { retriable, code } = Object(error) as { readonly retriable?: boolean; readonly code?: string };
      if (retriable !== true && !code?.startsWith('SQLITE_BUSY')) throw error;
      await setTimeout(50);
    }
  }
}
