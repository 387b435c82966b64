/**
 * The demo: an org is changed, at times faster than the changes can be handled, and nothing is lost.
 *
 * It needs no Salesforce: the emulator serves a Pub/Sub API and a login of its own, on this machine.
 *
 * @packageDocumentation
 */
import { setTimeout } from 'node:timers/promises';
import { filter, from, interval, lastValueFrom, merge, switchMap, takeUntil, tap, timer, type Observable } from 'rxjs';
import { clientCredentials, createClient, type ChangeEvent } from '@rxforce/core';
import { startEmulator } from '@rxforce/emulator';
import { byChangeType, filterField, handle } from '@rxforce/operators';
import { startBurst } from './burst.js';
import { showLive } from './dashboard.js';
import type { Watched } from './figures.js';
import { summarize } from './summary.js';
import { Tally } from './tally.js';
import { TOPICS } from './topics.js';

/** Most events of a topic that are asked for or in work at any time. */
const WINDOW = 100;
/** How long the process may live: what has not arrived by then is lost, and the summary says so. */
const TIME_LIMIT_MS = 18_000;
const CHECK_EVERY_MS = 50;

// An org to play with. For a real one, `loginUrl` is its address, and `endpoint` and `tls` are left out.
const emulator = await startEmulator();
const { clientId, clientSecret } = emulator.credentials;
const client = createClient({
  auth: clientCredentials({ loginUrl: emulator.httpUrl, clientId, clientSecret }),
  endpoint: emulator.grpcEndpoint,
  tls: { ...(emulator.ca && { ca: emulator.ca }) },
});

/** What rxforce is for: find the changes that matter, and work on them as fast as the work goes, and no faster. */
function bigDeals({ topic, tally }: Watched): Observable<ChangeEvent> {
  return client.changes(topic.entity, { replay: 'earliest', window: WINDOW }).pipe(
    tap((event) => tally.deliver(event)),
    byChangeType('CREATE', 'UPDATE'),
    filterField(topic.field, 'greaterThan', topic.above),
    tap((event) => tally.match(event)),
    handle((event) => callAnotherSystem(event, topic), { concurrency: 4 }),
    tap((event) => tally.handle(event)),
  );
}

/** Stands for a request to a database or a service, which takes its time. */
async function callAnotherSystem(event: ChangeEvent, { workMs }: Watched['topic']): Promise<ChangeEvent> {
  await setTimeout(workMs);
  return event;
}

/** Emits when all changes were made, and whatever came of them is handled. */
function allHandled(): Observable<unknown> {
  return from(Promise.all(watched.map(({ burst }) => burst.done))).pipe(
    switchMap(() => interval(CHECK_EVERY_MS)),
    filter(() => watched.every(({ burst, tally }) => tally.delivered.events >= burst.made() && tally.inFlight === 0)),
  );
}

process.stdout.write(`
An emulated org at ${emulator.grpcEndpoint}, over TLS. Its records change all the time; after
two seconds someone imports a file, and more big deals come at once than can be
handled: the window fills, nothing more is asked for, the rest waits at the server.

`);

const watched = TOPICS.map((topic): Watched => ({
  topic,
  tally: new Tally(topic.entity),
  burst: startBurst(emulator, topic),
}));
client.status$.subscribe((status) => watched.forEach(({ tally }) => tally.observe(status)));
const live = showLive(watched, process.stdout);
try {
  const timeIsUp = timer(Math.max(0, TIME_LIMIT_MS - performance.now()));
  await lastValueFrom(merge(...watched.map(bigDeals)).pipe(takeUntil(merge(allHandled(), timeIsUp))), {
    defaultValue: undefined,
  });
} finally {
  live.unsubscribe();
  client.close();
  await emulator.stop();
}

const summary = summarize(watched);
process.stdout.write(`\n${summary.text}`);
process.exitCode = summary.ok ? 0 : 1;
