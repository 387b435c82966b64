import type { NatsConnection } from '@nats-io/transport-node';
import type { EventLog } from '@rxforce/core';
import { eventLogContract } from '@rxforce/core/testing';
import { jetStreamLog } from '@rxforce/jetstream';
import { startNats, type NatsServer } from '../support/nats-server.js';

describe('jetStreamLog', function () {
  this.timeout(120_000);
  let server: NatsServer;
  let connections: NatsConnection[] = [];
  let names = 0;

  before(async () => {
    server = await startNats();
  });

  after(() => server.stop());

  const logOf = async (name: string, options = {}): Promise<EventLog> => {
    const nats = await server.connect();
    connections.push(nats);
    return jetStreamLog(nats, { name, timeoutMs: 2_000, ...options });
  };
  const dispose = async () => {
    await server.kill('SIGCONT');
    await Promise.all(connections.map((nats) => nats.close()));
    connections = [];
  };

  describe('keeps the contract', () => {
    const cases = eventLogContract({
      open: (settings) => logOf(`log-${++names}`, settings),
      reopen: (_log, settings) => logOf(`log-${names}`, settings),
      fail: () => server.kill('SIGSTOP'),
      dispose,
    });
    for (const { name, run } of cases) it(name, run);
  });
});
