import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { startNats, type NatsServer, type NatsServerOptions } from './nats-server.js';

/** A server for a suite, and connections that are closed after each of its tests. */
export interface NatsSuite {
  readonly server: NatsServer;
  connect(options?: NodeConnectionOptions): Promise<NatsConnection>;
  /** Lets the server go on, and closes all connections. Also called after each test. */
  dispose(): Promise<void>;
}

/** Starts a server before the suite, and stops it after. */
export function natsSuite(options: NatsServerOptions = {}): NatsSuite {
  let server: NatsServer;
  let connections: NatsConnection[] = [];
  const dispose = async () => {
    await server.kill('SIGCONT');
    await Promise.all(connections.map((nats) => nats.close()));
    connections = [];
  };
  before(async () => {
    server = await startNats(options);
  });
  after(() => server.stop());
  afterEach(dispose);
  return {
    get server() {
      return server;
    },
    connect: async (more) => {
      const nats = await server.connect(more);
      connections.push(nats);
      return nats;
    },
    dispose,
  };
}
