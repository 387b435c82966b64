import { setTimeout } from 'node:timers/promises';
import { lastValueFrom, merge, tap, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import {
  clientCredentials,
  createClient,
  type ChangeEvent,
  type DrainReport,
  type PubSubClient,
  type ReplayStore,
  type Status,
} from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { byChangeType, filterField, handle } from '@rxforce/operators';
import type { Watched } from './figures.js';

/** What a consumer works on, and with. */
export interface ConsumerOptions {
  readonly emulator: Emulator;
  readonly watched: readonly Watched[];
  /** Keeps the positions. The next consumer goes on there. */
  readonly store: ReplayStore;
  /** Is told whatever happens to a subscription. */
  readonly observe: (status: Status) => void;
  /** What may be done to the events before anybody sees them: nothing, unless a check is to be seen failing. */
  readonly tamper: MonoTypeOperatorFunction<ChangeEvent>;
}

/** What rxforce is for: find the changes that matter, and work on them as fast as the work goes, and no faster. */
function bigDeals(client: PubSubClient, options: ConsumerOptions, { topic, tally }: Watched): Observable<ChangeEvent> {
  return client
    .changes(topic.entity, {
      replay: { from: 'earliest', store: options.store, name: 'big-deals', commitIntervalMs: 200 },
      window: 100,
      // The emulator gives a sign of life four times as often. With Salesforce leave it out: it does so every 270
      // seconds.
      silenceTimeoutMs: 1_000,
    })
    .pipe(
      options.tamper,
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

/** Consumes changes until it is told to stop, as on SIGTERM; then finishes what is in work and saves the positions. */
export async function consume(options: ConsumerOptions, stop: Promise<unknown>): Promise<DrainReport> {
  const { credentials, httpUrl, grpcEndpoint, ca } = options.emulator;
  // For a real org, `loginUrl` is its address, and `endpoint` and `tls` are left out.
  const client = createClient({
    auth: clientCredentials({ ...credentials, loginUrl: httpUrl }),
    endpoint: grpcEndpoint,
    tls: { ca },
    // Whatever it warns of is on status$ as well, and told from there.
    logger: { warn: () => undefined },
  });
  client.status$.subscribe(options.observe);
  const work = lastValueFrom(merge(...options.watched.map((each) => bigDeals(client, options, each))), {
    defaultValue: undefined,
  });
  try {
    // The work ends by itself only where it fails.
    await Promise.race([stop, work]);
    const report = await client.drain({ timeoutMs: 5_000 });
    await work;
    return report;
  } finally {
    client.close();
  }
}
