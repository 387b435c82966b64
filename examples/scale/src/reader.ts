/**
 * A reader: relays the changes of accounts into an event log on Redis, while it has the lease. Two or three of it run
 * in production, and one of them is active.
 *
 * @packageDocumentation
 */
import { clientCredentials, createClient } from '@rxforce/core';
import { relayTo } from '@rxforce/operators';
import { redisLease, redisLog, redisReplayStore } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { tell, type Job } from './messages.js';

const { endpoint, ca, credentials, redisPort, partitions, ttlMs } = JSON.parse(process.argv[2] ?? '') as Job;

const redis = new Redis(redisPort);
const client = createClient({ auth: clientCredentials(credentials), endpoint, tls: { ca } });
const accounts$ = client.changes('Account', {
  replay: { store: redisReplayStore(redis), name: 'relay', from: 'earliest', commitIntervalMs: 100 },
  lease: redisLease(redis, { ttlMs }),
  // Headers only: the bytes of the events are relayed as they came.
  fields: [],
});
accounts$.status$.subscribe(({ type }) => {
  if (type === 'acquired') tell({ type, partition: undefined });
});
accounts$.pipe(relayTo(redisLog(redis, { name: 'crm', partitions }), { fencedBy: accounts$ })).subscribe({
  error: (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
});

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => void client.drain({ timeoutMs: 5_000 }).then(() => process.exit(0)));
