/**
 * One of several replicas: handles the changes of accounts while it has the lease, and appends a line for each to a
 * file that all replicas share. What it is told goes to stdout as lines of JSON.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { clientCredentials, createClient } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { redisLease, redisReplayStore } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { seeded } from '../../../../core/test/fault/support/seeded.js';
import { appendLines } from '../../../../../test/support/appended-lines.js';
import { printNow } from '../../../../core/test/support/print-now.js';

/** What the process is told, as JSON in its first argument. */
export interface ReplicaJob {
  readonly name: string;
  readonly endpoint: string;
  readonly ca: string;
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redisPort: number;
  readonly outputFile: string;
  readonly window: number;
  readonly ttlMs: number;
  /** Of its random choices. */
  readonly seed: number;
}

/** What it says on stdout. */
export interface ReplicaStatus {
  readonly type: string;
  readonly token: number;
}

/** A line of the output: the fencing token, the record, the event. */
export interface Handled {
  readonly replica: string;
  readonly token: number;
  readonly recordId: string;
  readonly id: string;
}

const job = JSON.parse(process.argv[2] ?? '') as ReplicaJob;
const random = seeded(job.seed);
const redis = new Redis(job.redisPort, { lazyConnect: true });
const client = createClient({
  auth: clientCredentials({ loginUrl: job.loginUrl, clientId: job.clientId, clientSecret: job.clientSecret }),
  endpoint: job.endpoint,
  tls: { ca: job.ca },
  logger: { warn: () => undefined },
});
let token = 0;
client.status$.subscribe((status) => {
  if (status.type === 'acquired') ({ token } = status);
  if (['standby', 'acquired', 'lost', 'committed', 'commitFailed'].includes(status.type)) {
    printNow(JSON.stringify({ type: status.type, token } satisfies ReplicaStatus));
  }
});
client
  .changes('Account', {
    replay: { store: redisReplayStore(redis), from: 'earliest', commitIntervalMs: 10 },
    lease: redisLease(redis, { ttlMs: job.ttlMs }),
    window: job.window,
  })
  .pipe(
    handle(async ({ id, header }) => {
      // The token under which the work was begun is what the other system is given, so that it can refuse who is too
      // late.
      const heldToken = token;
      await (random.next() < 0.2 ? setTimeout(1) : setImmediate());
      const lines = header.recordIds.map((recordId) =>
        JSON.stringify({ replica: job.name, token: heldToken, recordId, id } satisfies Handled),
      );
      appendLines(job.outputFile, lines);
    }),
  )
  .subscribe({
    error: (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  });
process.once('SIGTERM', () => void client.drain().then(() => process.exit(0)));
