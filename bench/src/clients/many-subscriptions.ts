/**
 * Many subscriptions of our client in one process: how much the process grows for each.
 *
 * @packageDocumentation
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, staticSession, type ChangeEvent } from '@rxforce/core';
import { handle } from '@rxforce/operators';
import { EMPTY, NEVER, tap, type Observable } from 'rxjs';
import { endWithParent, parameters, tellParent } from '../processes/child-side.js';
import type { MemoryParameters, MemoryResult } from '../processes/messages.js';
import { SESSION } from './credentials.js';

const BYTES_PER_MB = 1024 * 1024;

const { endpoint, ca, subscriptions, eventsEach, holding } = parameters<MemoryParameters>();
const client = createClient({ auth: staticSession(SESSION), endpoint, tls: { ca } });
let received = 0;

function events(): Observable<ChangeEvent> {
  return client.changes('Account', { replay: 'earliest', window: eventsEach }).pipe(
    tap(() => received++),
    handle(() => (holding ? NEVER : EMPTY)),
  );
}

/** Subscribes, and waits until all have received what there is. */
async function subscribe(count: number): Promise<void> {
  const expected = received + count * eventsEach;
  const failed = (error: unknown) => {
    console.error(error);
    process.exit(1);
  };
  for (let index = 0; index < count; index++) events().subscribe({ error: failed });
  while (received < expected) await sleep(20);
}

/** What the process uses now that garbage is gone. */
async function usage(): Promise<{ rss: number; heap: number }> {
  if (!global.gc) throw new Error('Run this with --expose-gc.');
  for (let times = 0; times < 3; times++) {
    await sleep(100);
    global.gc();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

endWithParent();
// The first one connects, fetches the schema and compiles the code.
await subscribe(1);
const before = await usage();
await subscribe(subscriptions);
const after = await usage();
const result: MemoryResult = {
  rssMb: (after.rss - before.rss) / subscriptions / BYTES_PER_MB,
  heapMb: (after.heap - before.heap) / subscriptions / BYTES_PER_MB,
};
tellParent(result, () => process.exit());
