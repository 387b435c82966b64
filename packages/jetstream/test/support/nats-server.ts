import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { natsBinary } from './nats-binary.js';

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

/** How often another port is tried. */
const ATTEMPTS = 20;
/** How often a server is asked whether it is there, in milliseconds. */
const ASK_INTERVAL_MS = 10;
/** How long clients wait before they connect anew, in milliseconds. */
const RECONNECT_MS = 50;

/**
 * Kills a server, and removes its folder, when this process is gone without having done so, however it ended: the end
 * of its stdin tells.
 */
const WATCH = 'cat > /dev/null; kill -9 "$0" 2> /dev/null; rm -rf "$1"';

/** A real nats-server on a free port of the loopback interface, in a temporary folder of its own. */
export class NatsServer {
  private child: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();
  private output = '';

  constructor(
    /** Where it answers. */
    readonly port: number,
    /** Where its files are. */
    readonly folder: string,
    private readonly login: NatsServerOptions['login'],
  ) {}

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

  /** Starts it, on the same port and in the same folder as before, and resolves once it answers. */
  async start(): Promise<void> {
    this.output = '';
    const child = spawn(await natsBinary(), ['-c', join(this.folder, 'nats.conf')], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const watcher = spawn('sh', ['-c', WATCH, String(child.pid), this.folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.ended = once(child, 'close').then(() => watcher.kill('SIGKILL'));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (this.output = (this.output + text.toString()).slice(-10_000)));
    }
    await this.untilItAnswers(child);
  }

  /** Sends it a signal, and resolves once that has ended or stopped it. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    this.child?.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await this.ended;
    // Its threads may answer for a moment.
    if (signal === 'SIGSTOP') await until(() => this.standsStill());
  }

  /** Kills it, where it runs, and starts it again. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Ends it, and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Linux tells; elsewhere a signal is taken for its effect. */
  private async standsStill(): Promise<boolean> {
    const state = await readFile(`/proc/${this.child?.pid}/stat`, 'utf8').catch(() => ') T');
    return /\) [TtZX]/.test(state);
  }

  private async untilItAnswers(child: ChildProcess): Promise<void> {
    while (child.exitCode === null && child.signalCode === null) {
      if (this.output.includes('Server is ready')) return;
      await setTimeout(ASK_INTERVAL_MS);
    }
    throw new NatsStartError(`nats-server ended at its start: ${this.output}`);
  }
}

/** A server did not start. */
export class NatsStartError extends Error {
  override readonly name = 'NatsStartError';

  /** Whether another process has its port. */
  get isPortTaken(): boolean {
    return /address already in use/i.test(this.message);
  }
}

/** Starts a server on a free port; on another one, where somebody was faster. Resolves once it answers. */
export async function startNats({ jetstream = true, config = [], login }: NatsServerOptions = {}): Promise<NatsServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'rxforce-nats-'));
    const server = new NatsServer(port, folder, login);
    const store = `jetstream { store_dir: ${JSON.stringify(folder)}, max_mem: 64MB, max_file: 2GB }`;
    const lines = [`listen: "127.0.0.1:${port}"`, ...(jetstream ? [store] : []), ...config];
    await writeFile(join(folder, 'nats.conf'), `${lines.join('\n')}\n`);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      if (!(error instanceof NatsStartError) || !error.isPortTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

/** A condition that other processes bring about: asked for until it holds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await setTimeout(ASK_INTERVAL_MS);
}

/** A port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
