import { expect } from 'chai';
import { startRedis, type RedisServer } from '../../../replay-redis/test/support/redis-server.js';
import { Workplace } from '../support/workplace.js';

const NO_ORG = { RXFORCE_LOGIN_URL: '', RXFORCE_CLIENT_ID: '', RXFORCE_USERNAME: '', RXFORCE_PRIVATE_KEY_FILE: '' };

describe('A worker without an org', () => {
  let redis: RedisServer;
  let place: Workplace;

  beforeEach(async () => {
    redis = await startRedis();
    place = await Workplace.open();
  });
  afterEach(async () => {
    await place.close();
    await redis.stop();
  });

  const config = (name: string, salesforce: string, batch = '') =>
    place.file(
      name,
      `${salesforce}
topics: [Account]
processing: { replay_from: earliest }
redis: { url: "redis://127.0.0.1:${redis.port}", lease: true, log: { partitions: 2 } }
sinks: { mine: { type: module, path: ./sink.mjs${batch} } }
`,
    );
  /** Starts a reader, and gives what starts a worker. */
  const start = (batch?: string) => {
    place.start(['run', config('reader.yaml', 'salesforce: {}'), '--role', 'reader']);
    const path = config('worker.yaml', '', batch);
    return { path, worker: () => place.start(['run', path, '--role', 'worker'], NO_ORG) };
  };

  it('has a sink that learns of schemas, also when dlq redrive writes to it again', async () => {
    place.file(
      'sink.mjs',
      `import { existsSync } from 'node:fs';
      export default () => ({
        schemaChanged: async ({ json }) => console.log(JSON.stringify({ schema: JSON.parse(json).name })),
        write: async () => {
          if (!existsSync('mended')) throw Object.assign(new Error('away'), { retriable: false });
        },
      });`,
    );
    const { path, worker } = start();
    const running = worker();
    place.emulator.org.create('Account', { Name: 'a' });
    await running.until(({ stderr }) => stderr.includes('put aside without a retry: '));
    await running.kill();
    place.file('mended', '');
    expect(await place.start(['dlq', 'redrive', '-c', path], NO_ORG).ended).to.deep.equal({
      code: 0,
      stderr: '1 letter was written, 0 failed again.\n',
      stdout: '{"schema":"AccountChangeEvent"}\n',
    });
  });

  it('fills batches of more events than a client of a log takes by itself', async () => {
    place.file(
      'sink.mjs',
      'export default () => ({ write: async ({ length }) => console.log(JSON.stringify({ length })) });',
    );
    for (let index = 0; index < 1_500; index += 1) place.emulator.org.create('Account', { Name: 'a' });
    const running = start(', batch: { size: 1500, wait_ms: 3600000 }').worker();
    await running.until(({ stdout }) => stdout.includes('length'));
    expect(running.stdout).to.equal('{"length":1500}\n');
  });
});
