import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startRedis, type RedisServer } from '../../../replay-redis/test/support/redis-server.js';
import { fileSink } from '../../src/sinks/file-sink.js';
import { redisStreamSink, type RedisStreamSettings } from '../../src/sinks/redis-stream-sink.js';
import { SinkError, type Sink } from '../../src/sinks/sink.js';
import { stdoutSink } from '../../src/sinks/stdout-sink.js';
import { webhookSink } from '../../src/sinks/webhook-sink.js';
import { changeOf, sinkContract, type WrittenEvent } from '../support/sink-contract.js';
import { status, WebhookServer } from '../support/webhook-server.js';
import { Workplace } from '../support/workplace.js';

const context = { attempt: 1, signal: new AbortController().signal };
const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as WrittenEvent);

describe('Sinks', () => {
  let redis: RedisServer;

  before(async () => (redis = await startRedis({ aof: true })));
  after(() => redis.stop());

  sinkContract(
    'stdout',
    () => {
      let text = '';
      const print = (more: string) => {
        text += more;
        return Promise.resolve();
      };
      return Promise.resolve({ open: () => stdoutSink(print), written: () => lines(text) });
    },
    { hasTrouble: false },
  );

  sinkContract(
    'file',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'rxforce-sinks-'));
      const path = join(folder, 'events.jsonl');
      return Promise.resolve({
        open: () => fileSink({ path, max_bytes: 10_000_000, keep: 1 }),
        written: () => (existsSync(path) ? lines(readFileSync(path, 'utf8')) : []),
        close: () => Promise.resolve(rmSync(folder, { recursive: true })),
      });
    },
    { hasTrouble: false },
  );

  for (const format of ['json', 'cloudevents'] as const) {
    sinkContract(`webhook, with ${format}`, async () => {
      const server = await WebhookServer.start();
      const settings = { type: 'webhook', url: server.url, format, timeout_ms: 10_000 } as const;
      const batch = { size: 1_000, wait_ms: 1 };
      return {
        open: () =>
          webhookSink({ ...settings, batch }, { source: () => Promise.resolve('https://acme.example'), now: Date.now }),
        written: () =>
          server.received
            .flatMap(({ body }) => JSON.parse(body) as (WrittenEvent & { data: { data?: WrittenEvent['data'] } })[])
            .map(({ id, data }) => ({ id, data: format === 'json' ? data : (data.data ?? {}) })),
        trouble: {
          begin: () => Promise.resolve(server.answer(status(503))),
          end: () => Promise.resolve(server.answer()),
        },
        close: () => server.stop(),
      };
    });
  }

  describe('of Redis', () => {
    const settingsOf = (more: Partial<RedisStreamSettings> = {}): RedisStreamSettings => ({
      ...{ type: 'redis-stream', url: `redis://127.0.0.1:${redis.port}`, stream: 'events', format: 'json' },
      ...{ timeout_ms: 2_000, batch: undefined, max_length: undefined, ...more },
    });
    const open = (more: Partial<RedisStreamSettings> = {}) =>
      redisStreamSink(settingsOf(more), { source: () => Promise.resolve('https://acme.example') });
    const entries = async (stream = 'events') => {
      const client = redis.client();
      const found = await client.xrange(stream, '-', '+');
      client.disconnect();
      return found.map(([, fields]) =>
        Object.fromEntries(
          Array.from({ length: fields.length / 2 }, (_, at): [string, string] => [
            fields[2 * at]!,
            fields[2 * at + 1]!,
          ]),
        ),
      );
    };

    beforeEach(async () => {
      const client = redis.client();
      await client.flushall();
      client.disconnect();
    });

    sinkContract('redis-stream', () =>
      Promise.resolve({
        open: () => open(),
        written: async () => (await entries()).map(({ event = '' }) => JSON.parse(event) as WrittenEvent),
        trouble: { begin: () => redis.kill('SIGTERM'), end: () => redis.start() },
      }),
    );

    it('has the id, the record and the topic of an event beside it, as a CloudEvent where that is wanted', async () => {
      const sink = await open({ format: 'cloudevents' });
      await sink.write([changeOf('a', '001000000000002')], context);
      await sink.close?.();
      const [entry] = await entries();
      expect(entry).to.include({ id: 'a', key: '001000000000002', topic: '/data/AccountChangeEvent' });
      expect(JSON.parse(entry?.event ?? '')).to.include({
        ...{ specversion: '1.0', id: 'a', subject: '001000000000002', source: 'https://acme.example' },
      });
    });

    it('keeps about as many entries as max_length says', async () => {
      const sink = await open({ max_length: 100 });
      await sink.write(
        Array.from({ length: 1_000 }, (_, index) => changeOf(`e${index}`)),
        context,
      );
      await sink.close?.();
      const ids = (await entries()).map(({ id }) => id);
      expect(ids.length).to.be.within(100, 300);
      expect(ids.at(-1)).to.equal('e999');
    });

    it('is wrong for good, when the key is something else', async () => {
      const client = redis.client();
      await client.set('events', 'a text');
      client.disconnect();
      const sink = await open();
      const failureOf = (work: Promise<void> | undefined) => work?.catch((thrown: unknown) => thrown);
      const failures = [await failureOf(sink.check?.()), await failureOf(sink.write([changeOf('a')], context))];
      await sink.close?.();
      expect(String(failures[0])).to.include('is a string, and no stream');
      expect(failures[1]).to.be.instanceOf(SinkError).and.include({ retriable: false });
    });

    for (const [allowed, missing, says] of [
      ['+xadd', 'eval', /permissions to run the 'eval' command/],
      ['+eval', 'xadd', /executing the script can't run this command|ACL failure in script/],
    ] as const) {
      it(`is wrong for good, and says what the user may not do, when that is ${missing}`, async () => {
        const client = redis.client();
        await client.acl(
          'SETUSER',
          'writer',
          'on',
          '>pass',
          'resetkeys',
          '~*',
          'nocommands',
          '+type',
          '+info',
          allowed,
        );
        const sink = await open({ url: `redis://writer:pass@127.0.0.1:${redis.port}` });
        const error = await sink.write([changeOf('a')], context).catch((thrown: unknown) => thrown);
        const found = await sink.check?.().catch((thrown: unknown) => thrown);
        await sink.close?.();
        await client.acl('DELUSER', 'writer');
        client.disconnect();
        expect(error).to.be.instanceOf(SinkError).and.include({ retriable: false });
        expect(String(error)).to.match(says);
        expect(String(found)).to.match(says);
      });
    }

    it('adds nothing after an entry that Redis refused, and names what is left', async () => {
      const client = redis.client();
      // The last id but one: Redis has one more for this stream.
      await client.xadd('events', '18446744073709551615-18446744073709551614', 'id', 'old');
      const sink = await open();
      const events = ['a', 'b', 'c'].map((id) => changeOf(id));
      const error = await sink.write(events, context).catch((thrown: unknown) => thrown);
      expect(error)
        .to.be.instanceOf(SinkError)
        .and.deep.include({ failed: ['b', 'c'], retriable: true });
      expect(String(error)).to.match(/exhausted the last possible ID.*items$/);
      expect((await entries()).map(({ id }) => id)).to.deep.equal(['old', 'a']);
      await client.del('events');
      client.disconnect();
      await sink.write(events.slice(1), context);
      await sink.close?.();
      expect((await entries()).map(({ id }) => id)).to.deep.equal(['b', 'c']);
    });

    it('adds all of a batch or nothing, when the memory of Redis is full', async () => {
      const client = redis.client();
      const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
      await client.config('SET', 'maxmemory-policy', 'noeviction');
      await client.config('SET', 'maxmemory', String(used + 600_000));
      const sink = await open();
      const events = Array.from({ length: 20 }, (_, index) =>
        changeOf(`e${index}`, '001', { Text: 'x'.repeat(200_000) }),
      );
      const error = await sink.write(events, context).catch((thrown: unknown) => thrown);
      await client.config('SET', 'maxmemory', '0');
      client.disconnect();
      const ids = async () => (await entries()).map(({ id }) => id);
      expect(error).to.be.instanceOf(SinkError).and.include({ retriable: true, outage: true, failed: undefined });
      expect(await ids()).to.deep.equal([]);
      await sink.write(events, context);
      await sink.close?.();
      expect(await ids()).to.deep.equal(events.map(({ id }) => id));
    });

    const writeAgain = (sink: Sink, id: string): Promise<void> =>
      sink.write([changeOf(id)], context).catch((error: unknown) => {
        if (error instanceof SinkError && error.retriable) return writeAgain(sink, id);
        throw error;
      });
    const givenUp: readonly (readonly [when: string, lose: () => Promise<void>])[] = [
      ['before there was a connection', () => redis.kill('SIGTERM')],
      ['without an answer, when its connection was lost then', () => redis.kill('SIGSTOP')],
    ];
    for (const [when, lose] of givenUp) {
      it(`adds nothing later of a call that was given up ${when}`, async () => {
        const sink = await open({ timeout_ms: 300 });
        // On a slow machine, a call is given up, too, and adds what it has sent.
        await writeAgain(sink, 'a');
        await lose();
        const given = await sink.write([changeOf('b')], context).catch((thrown: unknown) => thrown);
        expect(given).to.be.instanceOf(SinkError).and.include({ retriable: true, outage: true });
        await redis.restart();
        await writeAgain(sink, 'c');
        await sink.close?.();
        expect([...new Set((await entries()).map(({ id }) => id))]).to.deep.equal(['a', 'c']);
      });
    }

    it('keeps the order, when a call that was given up is answered later', async () => {
      const sink = await open({ timeout_ms: 300 });
      await writeAgain(sink, 'a');
      await redis.kill('SIGSTOP');
      const given = await sink.write([changeOf('b')], context).catch((thrown: unknown) => thrown);
      expect(given).to.be.instanceOf(SinkError).and.include({ retriable: true });
      await redis.kill('SIGCONT');
      for (const id of ['b', 'c']) await writeAgain(sink, id);
      await sink.close?.();
      const ids = (await entries()).map(({ id }) => id);
      expect(ids).to.deep.equal([...ids].sort());
      expect(ids.filter((id) => id === 'b')).to.have.length.of.at.least(2);
      expect([...new Set(ids)]).to.deep.equal(['a', 'b', 'c']);
    });

    it('adds nothing of a call that nobody waits for any more, once there is a connection', async () => {
      await redis.kill('SIGTERM');
      const sink = await open({ timeout_ms: 30_000 });
      const gone = new AbortController();
      const given = sink.write([changeOf('a')], { ...context, signal: gone.signal }).catch((thrown: unknown) => thrown);
      const other = sink.write([changeOf('b')], context);
      gone.abort();
      await redis.start();
      await other;
      expect(await given).to.be.instanceOf(SinkError);
      await sink.close?.();
      expect((await entries()).map(({ id }) => id)).to.deep.equal(['b']);
    });

    it('gets the events of a configuration, from rxforce run', async () => {
      const place = await Workplace.open();
      try {
        const path = place.file(
          'config.yaml',
          `salesforce: {}
topics: [Account]
processing: { replay_from: earliest }
sinks: { out: { type: redis-stream, url: "redis://127.0.0.1:${redis.port}", stream: salesforce, batch: { size: 2, wait_ms: 50 } } }
`,
        );
        const id = place.emulator.org.create('Account', { Name: 'a' });
        expect(await place.here(['check', path, '--connect'])).to.include({ code: 0 });
        const command = place.start(['run', path, '--debug']);
        await command.until(({ stderr }) => stderr.includes(': committed'));
        expect((await command.kill()).code).to.equal(0);
        const [entry] = await entries('salesforce');
        expect(entry).to.include({ key: id });
        const wrong = await place.here(['check', path, '--connect'], { RXFORCE_SINKS__OUT__URL: 'http://a' });
        expect(wrong.code).to.equal(4);
        expect(wrong.stdout).to.match(/^✗ +sink out +The url of a redis-stream must be/m);
      } finally {
        await place.close();
      }
    });
  });
});
