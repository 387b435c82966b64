import { Cluster, type Redis } from 'ioredis';
import { startServer, until, type RedisServer } from './redis-server.js';

const SLOTS = 16_384;
const NO_FILES = ['save ""', 'appendonly no'];

/** Masters that share the slots. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** A client of all; the caller disconnects it. */
  client(): Cluster;
  stop(): Promise<void>;
}

/**
 * Starts a cluster. Resolves once all of it is ready.
 *
 * @param masters - How many nodes; at least 3 for a failover, any number for slots.
 */
export async function startCluster(masters = 3): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const stop = () => stopAll(nodes);
  try {
    for (let index = 0; index < masters; index++) {
      nodes.push(await startServer([...NO_FILES, 'cluster-enabled yes', 'cluster-node-timeout 2000']));
    }
    await withClients(nodes, joinAll);
  } catch (error) {
    await stop();
    throw error;
  }
  const client = () => {
    const cluster = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })));
    cluster.on('error', () => undefined);
    return cluster;
  };
  return { nodes, client, stop };
}

async function joinAll(clients: readonly Redis[], nodes: readonly RedisServer[]): Promise<void> {
  for (const [index, client] of clients.entries()) {
    const first = Math.floor((index * SLOTS) / nodes.length);
    const last = Math.floor(((index + 1) * SLOTS) / nodes.length) - 1;
    await client.cluster('ADDSLOTSRANGE', first, last);
    for (const { port } of nodes) await client.cluster('MEET', '127.0.0.1', port);
  }
  for (const client of clients) {
    await until(async () => {
      const info = await client.cluster('INFO');
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`);
    });
  }
}

/** A master, its replica, and three sentinels that watch them. */
export interface RedisSentinels {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
  /** What to give ioredis: it asks the sentinels where the master is. */
  readonly options: {
    readonly sentinels: { readonly host: string; readonly port: number }[];
    readonly name: string;
  };
  stop(): Promise<void>;
}

/** The name by which the sentinels know the master. */
const MASTER = 'positions';

/** Starts a master with a replica, watched by three sentinels. Resolves once a failover could be done. */
export async function startSentinel({
  downAfterMs = 300,
}: { readonly downAfterMs?: number } = {}): Promise<RedisSentinels> {
  const started: RedisServer[] = [];
  const stop = () => stopAll(started);
  const start = async (config: readonly string[], mode?: readonly string[]) => {
    const server = await startServer(config, undefined, mode);
    started.push(server);
    return server;
  };
  try {
    const replication = [...NO_FILES, 'repl-diskless-sync-delay 0', 'repl-ping-replica-period 1'];
    const master = await start(replication);
    const replica = await start([...replication, `replicaof 127.0.0.1 ${master.port}`]);
    await withClients([replica], async ([client]) =>
      until(async () => (await client!.info('replication')).includes('master_link_status:up')),
    );
    const watch = [
      `sentinel monitor ${MASTER} 127.0.0.1 ${master.port} 2`,
      `sentinel down-after-milliseconds ${MASTER} ${downAfterMs}`,
      `sentinel failover-timeout ${MASTER} 2000`,
    ];
    const sentinels: RedisServer[] = [];
    for (let index = 0; index < 3; index++) sentinels.push(await start(watch, ['--sentinel']));
    await withClients(sentinels, async (clients) => {
      for (const client of clients) await until(() => knowsAll(client));
    });
    const options = { sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })), name: MASTER };
    return { master, replica, sentinels, options, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether a sentinel knows the replica and both others. */
async function knowsAll(sentinel: Redis): Promise<boolean> {
  const reply = (await sentinel.call('SENTINEL', 'MASTER', MASTER)) as string[];
  const valueOf = (field: string) => reply[reply.indexOf(field) + 1];
  return valueOf('num-slaves') === '1' && valueOf('num-other-sentinels') === '2' && valueOf('flags') === 'master';
}

async function withClients(
  servers: readonly RedisServer[],
  work: (clients: readonly Redis[], servers: readonly RedisServer[]) => Promise<void>,
): Promise<void> {
  const clients = servers.map((server) => server.client());
  try {
    await work(clients, servers);
  } finally {
    clients.forEach((client) => client.disconnect());
  }
}

async function stopAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}
