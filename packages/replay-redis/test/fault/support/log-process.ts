/**
 * A reader, which relays the changes of accounts into a log on Redis, or a worker, which handles them and appends a line for
 * each record to a file that all workers share. What it is told goes to stdout as lines of JSON.
 */
import { appendFileSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { clientCredentials, createClient, createLogClient, type Status } from '@rxforce/core';
import { handle, relayTo } from '@rxforce/operators';
import { redisLease, redisLog, redisMembership, redisReplayStore } from '@rxforce/replay-redis';
import { Redis } from 'ioredis';
import { seeded } from '../../../../core/test/fault/support/seeded.js';
import { printNow } from '../../../../core/test/support/print-now.js';

/** What the process is told, as JSON in its first argument. */
export interface LogJob {
  readonly name: string;
  readonly role: 'reader' | 'worker';
  readonly endpoint: string;
  readonly ca: string;
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redisPort: number;
  readonly outputFile: string;
  readonly partitions: number;
  readonly window: number;
  readonly ttlMs: number;
  /** Of its random choices. */
  readonly seed: number;
}

/** What it says on stdout. */
export interface LogStatus {
  readonly type: Status['type'];
  readonly topic: string;
  readonly text: string;
}

/** A line of the output. */
export interface Written {
  readonly worker: string;
  readonly recordId: string;
  /** The value that the change gave to the record. */
  readonly value: number;
  readonly version: string;
}

const job = JSON.parse(process.argv[2] ?? '') as LogJob;
const { ttlMs, window } = job;
const random = seeded(job.seed);
const logger = { warn: (message: string) => tell('warning' as never, '', message) };
const redis = new Redis(job.redisPort, { lazyConnect: true });
const log = redisLog(redis, { name: 'crm', partitions: job.partitions, logger });
const store = redisReplayStore(redis, { logger });
const lease = redisLease(redis, { ttlMs, logger });
const end = { error: (error: unknown) => fail(error) };

if (job.role === 'reader') read();
else work();

function read(): void {
  const client = createClient({
    auth: clientCredentials({ loginUrl: job.loginUrl, clientId: job.clientId, clientSecret: job.clientSecret }),
    endpoint: job.endpoint,
    tls: { ca: job.ca },
    logger,
  });
  observe(client);
  const replay = { store, name: 'relay', from: 'earliest', commitIntervalMs: 10 } as const;
  const changes$ = client.changes('Account', { replay, lease, window, fields: [] });
  changes$.pipe(relayTo(log, { fencedBy: changes$, batchSize: 20, logger })).subscribe(end);
}

function work(): void {
  const membership = redisMembership(redis, { ttlMs, logger });
  const client = createLogClient({ log, membership, memberName: job.name, logger });
  observe(client);
  client
    .changes<{ NumberOfEmployees: number }>('Account', {
      ...{ replay: { store, name: 'sync', commitIntervalMs: 10 }, lease, window },
    })
    .pipe(
      handle(
        async ({ header, data, version }) => {
          await (random.next() < 0.1 ? setTimeout(2) : setImmediate());
          const lines = header.recordIds.map((recordId) =>
            JSON.stringify({
              ...{ worker: job.name, recordId, value: data.NumberOfEmployees ?? 0, version: String(version) },
            } satisfies Written),
          );
          appendFileSync(job.outputFile, `${lines.join('\n')}\n`);
        },
        { concurrency: 8 },
      ),
    )
    .subscribe(end);
}

function observe(client: Pick<ReturnType<typeof createLogClient>, 'status$' | 'drain'>): void {
  const silent: readonly Status['type'][] = [
    'requested',
    'received',
    'committed',
    'keepalive',
    'connected',
    'pressure',
  ];
  client.status$.subscribe((status) => {
    if (silent.includes(status.type)) return;
    const { type, topic = '' } = status;
    tell(type, topic, JSON.stringify(status));
  });
  process.once('SIGTERM', () => void client.drain({ timeoutMs: 20_000 }).then(() => process.exit(0)));
}

function tell(type: Status['type'], topic: string, text: string): void {
  printNow(JSON.stringify({ type, topic, text } satisfies LogStatus));
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
