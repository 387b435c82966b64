import { clientCredentials, createClient, memoryReplayStore, type ChangeEvent } from '@rxforce/core';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { livePage, type LivePage, type LiveReading } from '@rxforce/live-page';
import { retryWithDLQ } from '@rxforce/operators';

/** What the pictures show: an org with a load, and a process that works on it. */
export interface Stage {
  readonly emulator: Emulator;
  readonly page: LivePage;
  /** Resolves with a reading in which a subscription waits. */
  waiting(): Promise<LiveReading>;
  /** Resolves once there is something to see. */
  isBusy(): Promise<void>;
  close(): Promise<void>;
}

/** How the topics are worked on: fast, too slowly, and not at all for a while. */
const WORK = [
  { entity: 'Account', workMs: 5, window: 200 },
  { entity: 'Contact', workMs: 350, window: 100 },
  { entity: 'Lead', workMs: 5, window: 200 },
  { entity: 'Opportunity', workMs: 20, window: 200 },
] as const;

/** Opens the stage. */
export async function openStage(): Promise<Stage> {
  const emulator = await startEmulator({ seed: 7, tls: false, ui: true });
  const { credentials, httpUrl: loginUrl, grpcEndpoint: endpoint } = emulator;
  const { clientId, clientSecret } = credentials;
  const auth = clientCredentials({ clientId, clientSecret, loginUrl });
  const client = createClient({ auth, endpoint, insecure: true, logger: { warn: () => undefined } });
  const store = memoryReplayStore();
  const deadLetters = memoryDeadLetterQueue();
  const page = await livePage(client, {
    ...{ port: 0, actions: true, deadLetters: { crm: { queue: deadLetters, redrive: () => Promise.resolve() } } },
    positions: { store, organizationId: credentials.organizationId.slice(0, 15) },
    drain: () => client.drain(),
  });
  let count = 0;
  for (const { entity, workMs, window } of WORK) {
    const save = async ({ header }: ChangeEvent) => {
      await new Promise((resolve) => setTimeout(resolve, workMs));
      if (header.changeType === 'DELETE' && ++count <= 5) throw new Error('the CRM answered 422: Industry is unknown');
    };
    const replay = { store, name: 'crm-sync', from: 'earliest' } as const;
    client
      .changes(entity, { replay, window, refillAt: 20 })
      .pipe(page.watching(), retryWithDLQ(save, { deadLetters, maxRetries: 0, concurrency: 10 }))
      .subscribe({ error: () => undefined });
  }
  emulator.startLoad({ eventsPerSecond: 160, entities: WORK.map(({ entity }) => entity) });
  return {
    ...{ emulator, page },
    isBusy: () => isBusy(emulator, page),
    waiting: () => waiting(page),
    close: async () => {
      client.close();
      await page.close();
      await emulator.stop();
    },
  };
}

async function read(page: LivePage): Promise<LiveReading> {
  return (await (await fetch(`${page.url}/api/state`)).json()) as LiveReading;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function waiting(page: LivePage): Promise<LiveReading> {
  for (;;) {
    const reading = await read(page);
    if (reading.subscriptions.some(({ state }) => state === 'waiting')) return reading;
    await pause(50);
  }
}

/** Waits for letters and for half a minute of history, then takes a topic away. */
async function isBusy(emulator: Emulator, page: LivePage): Promise<void> {
  for (;;) {
    const { subscriptions, queues } = await read(page);
    const seconds = subscriptions.map(({ history }) => history.settled.filter((each) => each > 0).length);
    if (Math.max(0, ...seconds) >= 30 && (queues[0]?.depth ?? 0) > 0) break;
    await pause(500);
  }
  const gone = { status: 'UNAVAILABLE', details: 'the service is under maintenance' } as const;
  emulator.faults.answer({ ...gone, method: 'Subscribe', times: 1_000 });
  emulator.faults.failStreams(gone, { topic: '/data/LeadChangeEvent' });
  await waiting(page);
}
