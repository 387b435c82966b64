/**
 * A replica: waits for the lease, handles changes while it has it, and tells what happens on its IPC channel. In
 * production this is the whole application; all of its replicas run the same code.
 *
 * @packageDocumentation
 */
import { clientCredentials, createClient } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { redisLease, redisReplayStore } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import type { Job, Message } from './messages.js';

const job = JSON.parse(process.argv[2] ?? '') as Job;
const tell = (message: Message) => process.send?.(message);

const redis = new Redis(job.redisPort);
const client = createClient({
  auth: clientCredentials(job.credentials),
  endpoint: job.endpoint,
  tls: { ca: job.ca },
});
client.status$.subscribe(({ type }) => {
  if (type === 'standby' || type === 'acquired' || type === 'lost') tell({ type });
});
client
  .changes('Account', {
    replay: { store: redisReplayStore(redis), name: 'crm-sync', from: 'earliest', commitIntervalMs: 50 },
    lease: redisLease(redis, { ttlMs: 2_000 }),
  })
  .pipe(
    handle(async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      tell({ type: 'handled', id });
    }),
  )
  .subscribe();

process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => void client.drain({ timeoutMs: 5_000 }).then(() => process.exit(0)));
