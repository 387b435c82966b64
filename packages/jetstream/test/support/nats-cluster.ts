import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { freePort, ServerStartError } from '../../../../test/support/server-process.js';
import { until } from '../../../../test/support/until.js';
import { startNats, type NatsServer } from './nats-server.js';

const SIZE = 3;
/** How often other ports are tried. */
const ATTEMPTS = 5;

/** Three servers with JetStream, as one cluster. */
export class NatsCluster {
  private constructor(readonly servers: readonly NatsServer[]) {}

  /** Starts a cluster. Resolves once it can keep something on all of its servers. */
  static async start(): Promise<NatsCluster> {
    for (let attempt = 1; ; attempt++) {
      const started: NatsServer[] = [];
      try {
        await startServers(started);
        const cluster = new NatsCluster(started);
        await cluster.untilReady();
        return cluster;
      } catch (error) {
        await Promise.all(started.map((server) => server.stop()));
        if (!(error instanceof ServerStartError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** A connection to any of them; the caller closes it. */
  connect(): Promise<NatsConnection> {
    return connect({
      ...{ servers: this.servers.map(({ url }) => url), maxReconnectAttempts: -1, waitOnFirstConnect: true },
      ...{ reconnectTimeWait: 50, reconnectJitter: 0 },
    });
  }

  /** The server that leads a stream, once there is one. */
  async leaderOf(nats: NatsConnection, stream: string): Promise<NatsServer> {
    let leader: NatsServer | undefined;
    const { streams } = await jetstreamManager(nats, { checkAPI: false, timeout: 1_000 });
    await until(async () => {
      const info = await streams.info(stream).catch(() => undefined);
      leader = this.servers[Number(info?.cluster?.leader?.slice(1))];
      return leader !== undefined;
    });
    return leader!;
  }

  /**
   * Resolves once every server has all that a stream has. A server that was away catches up when it is back; one that
   * leads before it has may stand still for good, in version 2.9 of the server.
   */
  async untilInStep(nats: NatsConnection, stream: string): Promise<void> {
    const { streams } = await jetstreamManager(nats, { checkAPI: false, timeout: 1_000 });
    await until(async () => {
      const { cluster } = (await streams.info(stream).catch(() => undefined)) ?? {};
      const others = cluster?.replicas ?? [];
      return others.length === SIZE - 1 && others.every(({ current, lag }) => current && !lag);
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  private async untilReady(): Promise<void> {
    const nats = await this.connect();
    const probe = { name: 'probe', subjects: ['probe'], num_replicas: SIZE };
    await until(async () => {
      const { streams } = await jetstreamManager(nats, { checkAPI: false, timeout: 1_000 });
      return streams.add(probe).then(
        () => streams.delete(probe.name),
        () => false,
      );
    });
    await nats.close();
  }
}

async function startServers(started: NatsServer[]): Promise<void> {
  const routes = await Promise.all(Array.from({ length: SIZE }, () => freePort()));
  const others = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  for (const [index, port] of routes.entries()) {
    const config = [
      `server_name: n${index}`,
      `cluster { name: rxforce, listen: "127.0.0.1:${port}", routes: [${others}] }`,
    ];
    started.push(await startNats({ config }));
  }
}
