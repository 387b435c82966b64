import { mkdirSync, mkdtempSync, readFileSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { expect } from 'chai';
import { startNats, until, type NatsServer } from '../../../jetstream/test/support/nats-server.js';
import { moduleSink } from '../../src/sinks/module-sink.js';
import { natsSink, type NatsSettings } from '../../src/sinks/nats-sink.js';
import { SinkError } from '../../src/sinks/sink.js';
import { changeOf, sinkContract, type WrittenEvent } from '../support/sink-contract.js';

/** Inside of the project, so that a module finds its packages. */
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache', import.meta.url));
const MODULE = `
import { appendFileSync, existsSync } from 'node:fs';
import { SinkError } from '@rxforce/cli';
const plain = (_name, value) => (typeof value === 'bigint' ? String(value) : value);
export default ({ path, trouble }) => ({
  write: async (events) => {
    if (existsSync(trouble)) throw new SinkError('The disk is not there.');
    for (const { id, data } of events) appendFileSync(path, JSON.stringify({ id, data }, plain) + '\\n');
  },
});
`;
const SUBJECT = 'salesforce.accounts';
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const context = { attempt: 1, signal: new AbortController().signal };

describe('Sinks of others', () => {
  sinkContract('module', () => {
    mkdirSync(CACHE, { recursive: true });
    const folder = mkdtempSync(join(CACHE, 'rxforce-module-'));
    const [path, trouble] = [join(folder, 'events.jsonl'), join(folder, 'trouble')];
    writeFileSync(join(folder, 'sink.mjs'), MODULE);
    return Promise.resolve({
      open: () => moduleSink({ path: './sink.mjs', options: { path, trouble } }, { directory: folder, logger }),
      written: () =>
        existsSync(path)
          ? readFileSync(path, 'utf8')
              .split('\n')
              .filter((line) => line !== '')
              .map((line) => JSON.parse(line) as WrittenEvent)
          : [],
      trouble: {
        begin: () => Promise.resolve(writeFileSync(trouble, '')),
        end: () => Promise.resolve(rmSync(trouble)),
      },
      close: () => Promise.resolve(rmSync(folder, { recursive: true })),
    });
  });

  describe('that are servers', () => {
    let server: NatsServer;
    let nats: NatsConnection;

    before(async () => {
      server = await startNats();
      nats = await server.connect();
    });
    after(async () => {
      await nats.close();
      await server.stop();
    });

    const stream = async () => (await jetstreamManager(nats)).streams;
    const addStream = async (options: Partial<StreamConfig> = {}) => {
      const streams = await stream();
      await streams.delete('CRM').catch(() => undefined);
      await streams.add({ name: 'CRM', subjects: ['salesforce.>'], ...options });
    };
    const open = (more: Partial<NatsSettings> = {}) =>
      natsSink(
        {
          ...{ type: 'nats', url: server.url, subject: SUBJECT, format: 'json', timeout_ms: 5_000 },
          ...{ stream: undefined, credentials_path: undefined, batch: undefined, ...more },
        },
        { source: () => Promise.resolve('https://acme.example') },
      );
    const written = async (): Promise<readonly WrittenEvent[]> => {
      const streams = await stream();
      const { first_seq: first, last_seq: last } = (await streams.info('CRM')).state;
      const found: WrittenEvent[] = [];
      for (let seq = Math.max(first, 1); seq <= last; seq++) {
        found.push((await streams.getMessage('CRM', { seq }))!.json<WrittenEvent>());
      }
      return found;
    };
    const ids = async () => (await written()).map(({ id }) => id);
    const there = () =>
      until(() =>
        stream().then(
          () => true,
          () => false,
        ),
      );

    sinkContract('nats', async () => {
      await addStream();
      return {
        open,
        written,
        trouble: { begin: () => server.kill('SIGTERM'), end: () => server.start().then(there) },
      };
    });

    it('publishes nothing after an event that was refused, and names what is left', async () => {
      await addStream({ max_msg_size: 2_000 });
      const sink = await open();
      const events = [changeOf('a'), changeOf('b', '001', { Text: 'x'.repeat(2_000) }), changeOf('c')];
      const error = await sink.write(events, context).catch((thrown: unknown) => thrown);
      await sink.close?.();
      expect(error)
        .to.be.instanceOf(SinkError)
        .and.deep.include({ retriable: false, failed: ['b', 'c'] });
      expect(await ids()).to.deep.equal(['a']);
    });
  });
});
