import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clientCredentials, createClient, type PubSubClient } from '@rxforce/core';
import { fileDeadLetterQueue } from '@rxforce/dead-letters';
import { handle } from '@rxforce/operators';
import { Pipelines } from './pipelines.js';
import { every, parameters, tellParent } from './process.js';
import type { Sample } from './trend.js';

/** Where the org is. */
export interface OrgAddress {
  readonly grpcEndpoint: string;
  readonly httpUrl: string;
  readonly ca: string;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
}

/** What the client is started with. */
export interface ClientParameters extends OrgAddress {
  readonly sampleMs: number;
  /** Where positions and dead letters are kept. */
  readonly directory: string;
}

const MB = 1024 * 1024;

const { sampleMs, directory, ...org } = parameters<ClientParameters>();
const startedAt = performance.now();
const seen = { events: 0, reconnects: 0, schemas: new Set<string>() };
const deadLetters = fileDeadLetterQueue(join(directory, 'failed'));

const client = newClient();
const pipelines = new Pipelines(client, join(directory, 'positions'), deadLetters, ({ schemaId }) => {
  seen.events++;
  seen.schemas.add(schemaId);
});
pipelines.start();
every(15_000, () => pipelines.redriveAll());
every(5_000, () => pipelines.publishOne());
// Processes that come and go have subscriptions and clients that do, too.
every(11_000, () => pipelines.comeAndGo());
every(60_000, () => void useAnother());
every(sampleMs, () => void sample());

function newClient(): PubSubClient {
  const made = createClient({
    auth: clientCredentials({ ...org.credentials, loginUrl: org.httpUrl }),
    endpoint: org.grpcEndpoint,
    tls: { ca: org.ca },
    logger: { warn: () => undefined },
  });
  made.status$.subscribe(({ type }) => {
    if (type === 'waiting') seen.reconnects++;
  });
  return made;
}

/** A client that lives for a while, and drains. */
async function useAnother(): Promise<void> {
  const other = newClient();
  const work = other
    .changes('Contact')
    .pipe(handle(async () => delay(1)))
    .subscribe();
  await delay(3_000);
  await other.drain({ timeoutMs: 2_000 });
  work.unsubscribe();
  other.close();
}

async function sample(): Promise<void> {
  // Twice: what is finalised in the first is free after the second.
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await delay(10);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  tellParent({
    minute: (performance.now() - startedAt) / 60_000,
    heapMb: heapUsed / MB,
    externalMb: external / MB,
    rssMb: rss / MB,
    events: seen.events,
    reconnects: seen.reconnects,
    schemas: seen.schemas.size,
  } satisfies Sample);
}
