import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { ServerProcess, startOnFreePort } from '../../../../test/support/server-process.js';
import { ASK_INTERVAL_MS } from '../../../../test/support/until.js';
import { natsBinary } from './nats-binary.js';

export { until } from '../../../../test/support/until.js';

/** How a server is started. */
export interface NatsServerOptions {
  /**
   * Whether it has JetStream.
   *
   * @defaultValue `true`
   */
  readonly jetstream?: boolean;
  /** Other lines of its configuration. */
  readonly config?: readonly string[];
  /** With what `connect` logs in, where the configuration wants it. */
  readonly login?: { readonly user: string; readonly pass: string };
}

const CONFIG = 'nats.conf';
/** How long clients wait before they connect anew, in milliseconds. */
const RECONNECT_MS = 50;

/** A real nats-server. */
export class NatsServer extends ServerProcess {
  constructor(
    port: number,
    folder: string,
    private readonly login: NatsServerOptions['login'],
  ) {
    super(port, folder);
  }

  /** Where clients find it. */
  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** A connection, which looks for the server without end; the caller closes it. */
  connect(options: NodeConnectionOptions = {}): Promise<NatsConnection> {
    return connect({
      ...{ servers: this.url, maxReconnectAttempts: -1, reconnectTimeWait: RECONNECT_MS, reconnectJitter: 0 },
      ...this.login,
      ...options,
    });
  }

  protected async command(): Promise<readonly [string, ...string[]]> {
    return [await natsBinary(), '-c', join(this.folder, CONFIG)];
  }

  protected async answers(): Promise<boolean> {
    await setTimeout(ASK_INTERVAL_MS);
    return this.output.includes('Server is ready');
  }
}

/** Starts a server. Resolves once it answers. */
export function startNats({ jetstream = true, config = [], login }: NatsServerOptions = {}): Promise<NatsServer> {
  const store = (folder: string) => `jetstream { store_dir: ${JSON.stringify(folder)}, max_mem: 64MB, max_file: 2GB }`;
  return startOnFreePort({
    configName: CONFIG,
    config: (port, folder) => [`listen: "127.0.0.1:${port}"`, ...(jetstream ? [store(folder)] : []), ...config],
    make: (port, folder) => new NatsServer(port, folder, login),
  });
}
