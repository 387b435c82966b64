/**
 * A process that subscribes and unsubscribes many times, in every way, and tells as JSON on stdout what it has left
 * behind. Run with --expose-gc.
 */
import { writeSync } from 'node:fs';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import { clientCredentials, createClient, memoryReplayStore } from '@rxforce/core';
import { keep } from '../../support/keep.js';
import { nextStatus } from './wait-for.js';

/** What the process is told, as JSON in its first argument. */
export interface LeakJob {
  readonly endpoint: string;
  readonly ca: string;
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** How many subscriptions are made in each of three rounds. */
  readonly subscriptions: number;
}

/** What was left behind. */
export interface Leftovers {
  /** What keeps the process alive, by kind, before the client and after it was closed. */
  readonly resourcesBefore: readonly string[];
  readonly resourcesAfter: readonly string[];
  /** The listeners of the process: their events, and their names, where they have one. */
  readonly listenersBefore: readonly string[];
  readonly listenersAfter: readonly string[];
  /** How much the heap grew by at least in a round, in bytes for each subscription. */
  readonly bytesPerSubscription: number;
  /** Warnings of Node, such as that of too many listeners. */
  readonly warnings: readonly string[];
}

const job = JSON.parse(process.argv[2] ?? '') as LeakJob;
const warnings: string[] = [];
process.on('warning', (warning) => warnings.push(String(warning)));

// What stays behind keeps the process alive, until the test loses its patience: it is told then, and not waited for.
process.once('SIGTERM', () => {
  tell();
  process.exit();
});

/** Of Node, while a module awaits: the process has nothing more to do when that is over. */
const NODE_OWN = 'exit handleProcessExit';
const listeners = () =>
  process
    .eventNames()
    .flatMap((name) => process.listeners(name as 'exit').map((listener) => `${String(name)} ${listener.name}`))
    .filter((each) => each !== NODE_OWN)
    .sort();
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== 'PipeWrap' && kind !== 'Immediate')
    .sort();
const heap = () => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

// The file that Node has started with is still being closed.
while (resources().length > 0) await turnOfEventLoop();
const resourcesBefore = resources();
const listenersBefore = listeners();
const client = createClient({
  auth: clientCredentials({ loginUrl: job.loginUrl, clientId: job.clientId, clientSecret: job.clientSecret }),
  endpoint: job.endpoint,
  tls: { ca: job.ca },
  logger: { warn: () => undefined },
});
// For two at a time, of which one is refused.
const crowded = memoryReplayStore();
// One Observable is kept and subscribed to over and over: what a subscription leaves in it would add up.
const again$ = client.changes('Account', { replay: 'earliest' });
const ways: readonly (() => Promise<unknown>)[] = [
  () => Promise.resolve(again$.subscribe().unsubscribe()),
  () => firstValueFrom(again$, { defaultValue: undefined }),
  () => firstValueFrom(client.changes('Account', { replay: { from: 'earliest', store: memoryReplayStore() } })),
  async () => {
    const crowd = [1, 2].map(() => client.changes('Account', { replay: { from: 'earliest', store: crowded } }));
    await Promise.allSettled(crowd.map((changes) => firstValueFrom(changes)));
  },
  () => firstValueFrom(client.changes('Nothing')).catch(() => undefined),
  async () => {
    const live = nextStatus(client.status$, 'received');
    const subscription = client
      .changes('Account', { replay: 'earliest' })
      .pipe(keep(() => undefined))
      .subscribe();
    await live;
    subscription.unsubscribe();
  },
];

async function subscribe(times: number): Promise<void> {
  for (let index = 0; index < times; index++) {
    await ways[index % ways.length]?.();
  }
}

/** What leaks leaks in every round; what grows once, such as compiled code, does not. */
const growths: number[] = [];
for (let round = 0; round < 3; round++) {
  const heapBefore = heap();
  await subscribe(job.subscriptions);
  growths.push(heap() - heapBefore);
}
const bytesPerSubscription = Math.min(...growths) / job.subscriptions;
await client.drain();
// Emitted when there is nothing more that the process would wait for.
process.once('beforeExit', tell);

function tell(): void {
  const leftovers: Leftovers = {
    resourcesBefore,
    resourcesAfter: resources(),
    listenersBefore,
    listenersAfter: listeners(),
    bytesPerSubscription,
    warnings,
  };
  writeSync(1, JSON.stringify(leftovers));
}
