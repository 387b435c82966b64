import type { NatsConnection } from '@nats-io/transport-node';
import { jetStreamLog } from '@rxforce/jetstream';
import { relayHoldsBack } from '../../../../test/support/workers/relay-holds-back.js';
import { startNats } from '../support/nats-server.js';

relayHoldsBack('JetStream', async () => {
  const server = await startNats();
  const connections: NatsConnection[] = [];
  return {
    log: async (name, partitions, timeoutMs) => {
      const nats = await server.connect();
      connections.push(nats);
      return jetStreamLog(nats, { name, partitions, timeoutMs });
    },
    kill: (signal) => server.kill(signal),
    start: () => server.start(),
    stop: async () => {
      await Promise.all(connections.map((nats) => nats.close()));
      await server.stop();
    },
  };
});
