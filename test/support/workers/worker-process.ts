/**
 * A reader, which relays the changes of accounts into a log, or a worker, which handles them and appends a line for
 * each record to a file that all workers share. What it is told goes to stdout as lines of JSON.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import {
  clientCredentials,
  createClient,
  createLogClient,
  type EventLog,
  type Lease,
  type Membership,
  type ReplayStore,
  type Status,
} from '@rxforce/core';
import { handle, relayTo } from '@rxforce/operators';
import { seeded } from '../../../packages/core/test/fault/support/seeded.js';
import { appendLines } from '../appended-lines.js';
import { printNow } from '../../../packages/core/test/support/print-now.js';

/** What the process is told, as JSON in its first argument. */
export interface WorkerJob {
  readonly name: string;
  readonly role: 'reader' | 'worker';
  readonly endpoint: string;
  readonly ca: string;
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the engine is. */
  readonly address: string;
  readonly outputFile: string;
  readonly logName: string;
  readonly partitions: number;
  readonly window: number;
  readonly ttlMs: number;
  /** Of its random choices. */
  readonly seed: number;
}

/** What it says on stdout. */
export interface WorkerStatus {
  readonly type: Status['type'];
  readonly topic: string;
  /** The whole status, as JSON. */
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

/** What the engine gives to a process. */
export interface ProcessParts {
  readonly log: EventLog;
  readonly store: ReplayStore;
  readonly lease: Lease;
  readonly membership: Membership;
}

interface ProcessLogger {
  readonly warn: (message: string) => void;
}

/** Runs the process, on the engine that its parts are of. */
export async function runWorkerProcess(
  partsOf: (job: WorkerJob, logger: ProcessLogger) => ProcessParts | Promise<ProcessParts>,
): Promise<void> {
  const job = JSON.parse(process.argv[2] ?? '') as WorkerJob;
  const logger = { warn: (message: string) => tell('warning' as never, '', message) };
  const parts = await partsOf(job, logger);
  if (job.role === 'reader') read(job, parts, logger);
  else work(job, parts, logger);
}

const end = { error: (error: unknown) => fail(error) };

function read(job: WorkerJob, { log, store, lease }: ProcessParts, logger: ProcessLogger): void {
  const client = createClient({
    auth: clientCredentials({ loginUrl: job.loginUrl, clientId: job.clientId, clientSecret: job.clientSecret }),
    endpoint: job.endpoint,
    tls: { ca: job.ca },
    logger,
  });
  observe(client);
  const replay = { store, name: 'relay', from: 'earliest', commitIntervalMs: 10 } as const;
  const changes$ = client.changes('Account', { replay, lease, window: job.window, fields: [] });
  changes$.pipe(relayTo(log, { fencedBy: changes$, batchSize: 20, logger })).subscribe(end);
}

function work(job: WorkerJob, { log, store, lease, membership }: ProcessParts, logger: ProcessLogger): void {
  const random = seeded(job.seed);
  const client = createLogClient({ log, membership, memberName: job.name, logger });
  observe(client);
  client
    .changes<{ NumberOfEmployees: number }>('Account', {
      ...{ replay: { store, name: 'sync', commitIntervalMs: 10 }, lease, window: job.window },
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
          appendLines(job.outputFile, lines);
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
  printNow(JSON.stringify({ type, topic, text } satisfies WorkerStatus));
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
