import type { LiveLag, LiveReading } from '@rxforce/live-page';
import { expect } from 'chai';
import { startRedis, type RedisServer } from '../../../replay-redis/test/support/redis-server.js';
import { until } from '../../../../test/support/until.js';
import { Workplace } from '../support/workplace.js';

const OWN = { 'x-rxforce': '1' };
const PARTITIONS = 8;

describe('The live page of rxforce run --role worker', () => {
  let redis: RedisServer;
  let place: Workplace;

  before(async () => (redis = await startRedis()));
  after(() => redis.stop());
  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  it('shows who asks for which partition, and a drained worker leaves its partitions to the other', async () => {
    const { org } = place.emulator;
    const path = place.file(
      'config.yaml',
      `salesforce: {}
topics: [Account]
processing: { replay_from: earliest, commit_interval_ms: 20 }
redis: { url: "redis://127.0.0.1:${redis.port}", lease: true, log: { name: crm, partitions: ${PARTITIONS} } }
http: { port: 0, ui: { actions: true } }
`,
    );
    const started = async (role: string) => {
      const command = place.start(['run', path, '--role', role]);
      await command.until(({ stderr }) => stderr.includes('rxforce, as a'));
      const url = /metrics are at (http:\S+)/.exec(command.stderr)?.[1] ?? '';
      const read = async <T>(what: string) => (await (await fetch(`${url}/api/${what}`)).json()) as T;
      return { command, url, read };
    };
    const reader = await started('reader');
    const [one, other] = [await started('worker'), await started('worker')];
    const shares = async ({ read }: typeof one) => (await read<LiveReading>('state')).assignments[0]?.shares ?? [];
    const isRead = async () => {
      const states = await Promise.all([one, other].map(({ read }) => read<LiveReading>('state')));
      return states.flatMap(({ subscriptions }) => subscriptions.filter(({ role }) => role === 'active')).length;
    };
    await until(async () => (await shares(one)).length === 2 && (await shares(other)).length === 2);
    await until(async () => (await isRead()) === PARTITIONS);
    expect(await shares(one)).to.deep.equal(await shares(other));
    expect((await shares(one)).flatMap(({ partitions }) => partitions).sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);

    org.create(
      'Account',
      Array.from({ length: 20 }, (_, index) => ({ Name: `a${index}` })),
    );
    const events = () => one.command.events.length + other.command.events.length;
    await until(() => events() >= 20);
    const lags = async () => await Promise.all([one, other].map(({ read }) => read<LiveLag>('lag')));
    await until(async () => (await lags()).every(({ events: behind }) => behind === 0));
    // Each tells of all, as the positions of both are in one store.
    for (const { partitions } of await lags()) {
      expect(partitions.map(({ partition }) => partition).sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    }

    const drain = await fetch(`${one.url}/api/drain`, { method: 'POST', headers: OWN });
    expect(drain.status).to.equal(202);
    expect((await one.command.ended).code).to.equal(0);
    await until(async () => (await shares(other)).length === 1);
    expect((await shares(other))[0]?.partitions).to.have.length(PARTITIONS);
    await reader.command.kill();
    await other.command.kill();
  });
});
