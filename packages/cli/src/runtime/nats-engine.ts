import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { ConfigurationError, type Logger } from '@rxforce/core/model';
import type { NatsSettings } from '../config/settings/engines.js';
import { closeAll, Opened } from './close-all.js';
import type { Engine } from './engine.js';
import { credentialsIn } from './nats-credentials.js';
import { watchLogin } from './nats-watch.js';
import { natsAddress, type NatsLibrary } from './nats-source.js';

/** Longest wait for a connection, and for its end, in milliseconds. */
const CONNECT_MS = 5_000;
const END_MS = 2_000;

/** Positions, leases and a log on NATS JetStream, by one connection, which is made with the first call. */
export async function natsEngine(settings: NatsSettings, logger: Logger): Promise<Engine> {
  const { jetStream, library } = await loadPackages();
  const { prefix, domain, replicas, lease, lease_ttl_ms: ttlMs, log } = settings;
  const { hosts, options: address } = natsAddress(settings.url, 'nats.url');
  const line = new Line(library, hosts, { ...address, ...connectionOf(library, settings) }, logger);
  const source = () => line.connect();
  const options = given({ prefix, domain, replicas });
  const opened = new Opened();
  return {
    name: 'NATS JetStream',
    store: () => jetStream.jetStreamReplayStore(source, options),
    lease: () => (lease ? jetStream.jetStreamLease(source, { ...options, ttlMs }) : undefined),
    log: () => {
      if (!log) return undefined;
      const { name, partitions, retention_hours: hours, max_entries: maxEntries, max_bytes: maxBytes } = log;
      const bounds = { partitions, retentionMs: hours * 3_600_000, ...given({ maxEntries, maxBytes }) };
      return opened.add(jetStream.jetStreamLog(source, { ...options, name, ...bounds }));
    },
    membership: () => opened.add(jetStream.jetStreamMembership(source, { ...options, ttlMs, logger })),
    close: () => closeAll([opened, { close: () => line.end() }]),
  };
}

/** The settings that are there. What is not given stays as it is on JetStream. */
function given<O extends object>(options: O): { [name in keyof O]?: NonNullable<O[name]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O;
}

async function loadPackages() {
  try {
    const [jetStream, library] = await Promise.all([import('@rxforce/jetstream'), import('@nats-io/transport-node')]);
    return { jetStream, library };
  } catch (cause) {
    const missing = 'nats needs two packages more: npm install @rxforce/jetstream @nats-io/transport-node';
    throw new ConfigurationError(missing, { cause });
  }
}

function connectionOf(library: NatsLibrary, { credentials_path: path }: NatsSettings): NodeConnectionOptions {
  return {
    // A process goes on where it was, however long NATS is away, or refuses the login.
    ...{ name: 'rxforce', maxReconnectAttempts: -1, ignoreAuthErrorAbort: true, timeout: CONNECT_MS },
    ...(path !== undefined && { authenticator: credentialsIn(library, path) }),
  };
}

/** The connection of an engine: made with the first call, and by the next one where that failed. */
class Line {
  private connecting: Promise<NatsConnection> | undefined;

  constructor(
    private readonly library: NatsLibrary,
    private readonly hosts: string,
    private readonly options: NodeConnectionOptions,
    private readonly logger: Logger,
  ) {}

  connect(): Promise<NatsConnection> {
    this.connecting ??= this.open();
    return this.connecting;
  }

  private async open(): Promise<NatsConnection> {
    try {
      const connection = await this.library.connect(this.options);
      void watchLogin(connection, this.hosts, this.logger);
      return connection;
    } catch (error) {
      this.connecting = undefined;
      throw withHosts(error, this.hosts);
    }
  }

  /** What was sent last is on its way then. Never rejects. */
  async end(): Promise<void> {
    const connection = await this.connecting?.catch(() => undefined);
    if (!connection) return;
    // A server that is away would be waited for.
    await this.library.deadline(connection.drain(), END_MS).catch(() => undefined);
    await connection.close();
  }
}

/** The library does not say where nobody was. It knows a silence by its name. */
function withHosts(error: unknown, hosts: string): unknown {
  const { name, message } = Object(error) as Partial<Error>;
  return name === 'TimeoutError' ? error : new Error(`NATS at ${hosts}: ${String(message)}`, { cause: error });
}
