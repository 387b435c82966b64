import { createLogClient, EventLogError, memoryReplayStore } from '@rxforce/core';
import { memoryEventLog } from '@rxforce/core/testing';
import { expect } from 'chai';
import { handle } from '@rxforce/operators';
import { NEVER } from 'rxjs';
import { livePage, type LiveClient, type LiveLag, type LivePage } from '../../src/index.js';
import { rawRequest } from '../support/raw-request.js';

const OPEN = { at: 0, state: 'open', login: undefined, apiUsage: undefined, subscriptions: [] } as const;
const TOPIC = '/data/AccountChangeEvent';

describe('GET /api/lag', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const pageOf = async (clients: Parameters<typeof livePage>[0]) => {
    const page: LivePage = await livePage(clients, { port: 0 });
    ends.push(() => page.close());
    const lag = async () => {
      const { status, body } = await rawRequest(`${page.url}/api/lag`);
      return { status, body: JSON.parse(body) as LiveLag & { readonly error?: string } };
    };
    return { page, lag };
  };
  const client = (lag: LiveClient['lag']): LiveClient => ({ status$: NEVER, state: () => OPEN, ...(lag && { lag }) });

  it('tells of each partition that this process reads, and the largest and the sum of all', async () => {
    const oldestAt = Date.now() - 60_000;
    const of = { topic: TOPIC, name: 'workers' };
    const { lag } = await pageOf({
      emea: client(() =>
        Promise.resolve([
          { ...of, partition: 0, events: 3, oldestAt },
          { ...of, partition: 1, events: 0, oldestAt: undefined },
        ]),
      ),
      amer: client(() => Promise.resolve([{ ...of, partition: 7, events: undefined, oldestAt: undefined }])),
      apac: client(undefined),
    });
    const { status, body } = await lag();
    expect(status).to.equal(200);
    const [first, ...others] = body.partitions;
    expect(first).to.deep.include({ ...of, org: 'emea', partition: 0, events: 3 });
    expect(others).to.deep.equal([
      { ...of, org: 'emea', partition: 1, events: 0, lagMs: 0 },
      { ...of, org: 'amer', partition: 7, events: null, lagMs: null },
    ]);
    expect([body.lagMs, body.events]).to.deep.equal([body.at - oldestAt, 3]);
  });

  it('is that of a client of a log', async () => {
    const log = memoryEventLog({ partitions: 2 });
    const logClient = createLogClient({ log, logger: { warn: () => undefined } });
    ends.push(() => logClient.close());
    const { lag } = await pageOf(logClient);
    const replay = { store: memoryReplayStore(), name: 'workers' };
    logClient
      .changes('Account', { replay })
      .pipe(handle(() => undefined))
      .subscribe();
    let read = await lag();
    while (read.body.partitions.length < 2) {
      await new Promise((resolve) => setImmediate(resolve));
      read = await lag();
    }
    expect(read.body.partitions).to.deep.equal(
      [0, 1].map((partition) => ({ org: null, topic: TOPIC, partition, name: 'workers', events: 0, lagMs: 0 })),
    );
  });

  it('knows none without a client of a log', async () => {
    const { lag } = await pageOf(client(undefined));
    expect((await lag()).body).to.deep.include({ lagMs: null, events: null, partitions: [] });
  });

  it('says why, when the log fails, and asks it again then', async () => {
    let calls = 0;
    const failing = () => {
      calls++;
      return Promise.reject(new EventLogError('Redis is away.', { reason: 'unavailable' }));
    };
    const { lag } = await pageOf(client(failing));
    const { status, body } = await lag();
    expect([status, body.error]).to.deep.equal([502, 'Redis is away.']);
    await lag();
    expect(calls).to.equal(2);
  });

  it('asks the log once, however many look', async () => {
    let calls = 0;
    const { lag } = await pageOf(client(() => Promise.resolve((calls++, []))));
    await Promise.all([lag(), lag(), lag()]);
    expect(calls).to.equal(1);
  });
});
