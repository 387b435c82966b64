import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopped } from './stopped-process.js';

/** How often another port is tried. */
const ATTEMPTS = 20;

/**
 * Kills a server, and removes its folder, when this process is gone without having done so, however it ended: the end
 * of its stdin tells.
 */
const WATCH = 'cat > /dev/null; kill -9 "$0" 2> /dev/null; rm -rf "$1"';

/** A real server on a port of the loopback interface, in a temporary folder of its own. */
export abstract class ServerProcess {
  /** The last of what it has printed since it was started. */
  protected output = '';
  /** Resolves when it has ended. */
  protected ended: Promise<unknown> = Promise.resolve();
  private child: ChildProcess | undefined;

  constructor(
    /** Where it answers. */
    readonly port: number,
    /** Where its files are. */
    readonly folder: string,
  ) {}

  /** Starts it, on the same port and in the same folder as before, and resolves once it answers. */
  async start(): Promise<void> {
    this.output = '';
    const [program, ...args] = await this.command();
    const child = spawn(program, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    const watcher = spawn('sh', ['-c', WATCH, String(child.pid), this.folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.ended = once(child, 'close').then(() => watcher.kill('SIGKILL'));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (this.output = (this.output + text.toString()).slice(-10_000)));
    }
    while (child.exitCode === null && child.signalCode === null) {
      if (await this.answers()) return;
    }
    throw new ServerStartError(`${program} ended at its start: ${this.output}`);
  }

  /** Sends it a signal, and resolves once that has ended or stopped it. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    this.child?.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await this.ended;
    if (signal === 'SIGSTOP' && this.child?.pid !== undefined) await stopped(this.child.pid);
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

  /** The program, and its arguments. */
  protected abstract command(): Promise<readonly [program: string, ...args: string[]]>;

  /** Whether it answers; asked again and again after its start, so it takes a while, or until the server has ended. */
  protected abstract answers(): Promise<boolean>;
}

/** A server did not start. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';

  /** Whether another process has its port. */
  get isPortTaken(): boolean {
    return /address already in use/i.test(this.message);
  }
}

/** How a server is made for a port, and a folder that has its configuration. */
export interface ServerPlan<S extends ServerProcess> {
  /** The name of its configuration in its folder. */
  readonly configName: string;
  /** The lines of the configuration. */
  readonly config: (port: number, folder: string) => readonly string[];
  readonly make: (port: number, folder: string) => S;
}

/** Starts a server on a free port; on another one, where somebody was faster. Resolves once it answers. */
export async function startOnFreePort<S extends ServerProcess>({
  configName,
  config,
  make,
}: ServerPlan<S>): Promise<S> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'rxforce-server-'));
    await writeFile(join(folder, configName), `${config(port, folder).join('\n')}\n`);
    const server = make(port, folder);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      if (!(error instanceof ServerStartError) || !error.isPortTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

/** A port that nobody has at this moment; nor the one of the bus of a cluster of Redis, which is 10,000 above it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (port <= 55_535) return port;
  }
}
