import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { jetStreamLog } from '@rxforce/jetstream';
import type { WorkersEngine } from '../../../../../test/support/workers/workers-engine.js';
import { startNats } from '../../support/nats-server.js';

/** JetStream, for suites that run readers and workers. */
export const jetStreamEngine: WorkersEngine = {
  name: 'JetStream',
  script: new URL('jet-stream-worker.ts', import.meta.url),
  start: async () => {
    const server = await startNats();
    const nats = await server.connect();
    return {
      address: server.url,
      log: (name) => Promise.resolve(jetStreamLog(nats, { name })),
      describe: () => contentOf(nats),
      restart: () => server.restart(),
      stop: async () => {
        await nats.close();
        await server.stop();
      },
    };
  },
};

/** What the buckets hold, and since when; how long the streams are. */
async function contentOf(nats: NatsConnection): Promise<readonly string[]> {
  const { streams } = await jetstreamManager(nats);
  const lines: string[] = [];
  for await (const { config, state } of streams.list()) {
    lines.push(`  ${config.name}: ${state.messages} messages, ${state.first_seq} to ${state.last_seq}`);
    if (!config.name.startsWith('KV_') || config.name.endsWith('-logs')) continue;
    for (let sequence = state.first_seq; sequence <= state.last_seq; sequence++) {
      const message = await streams.getMessage(config.name, { seq: sequence });
      if (message) lines.push(`    ${message.subject} = ${message.string()}, since ${message.time.toISOString()}`);
    }
  }
  return lines;
}
