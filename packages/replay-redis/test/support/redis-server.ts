import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisBinary } from './redis-binary.js';

/** How a server is started. */
export interface RedisServerOptions {
  /**
   * Whether each write is appended to a file, and the file is synced before it is answered (`appendfsync always`).
   *
   * @defaultValue `false`: nothing outlives the process
   */
  readonly aof?: boolean;
  /** The password that clients must give; none by default. */
  readonly password?: string;
  /** Most memory, such as `'3mb'`; no bound by default. */
  readonly maxmemory?: string;
  /**
   * What happens at `maxmemory`.
   *
   * @defaultValue `'noeviction'`
   */
  readonly maxmemoryPolicy?: string;
  /** Other lines of redis.conf. */
  readonly config?: readonly string[];
}

/** How often another port is tried. */
const ATTEMPTS = 20;
/** How often a server is asked whether it is there, in milliseconds. */
const ASK_INTERVAL_MS = 10;

/**
 * Kills a server, and removes its folder, when this process is gone without having done so, however it ended: the end of its
 * stdin tells.
 */
const WATCH = 'cat > /dev/null; kill -9 "$0" 2> /dev/null; rm -rf "$1"';

/** A real redis-server on a free port of the loopback interface, in a temporary folder of its own. */
export class RedisServer {
  private child: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();
  private output = '';

  constructor(
    /** Where it answers. */
    readonly port: number,
    /** Where its files are. */
    readonly folder: string,
    private readonly mode: readonly string[],
    private readonly password: string | undefined,
  ) {}

  /** What to give ioredis, beside what a test needs. */
  get options(): { readonly host: string; readonly port: number; readonly password?: string } {
    const { port, password } = this;
    return { host: '127.0.0.1', port, ...(password === undefined ? {} : { password }) };
  }

  /** A connection, for looking in and for preparing; the caller disconnects it. */
  client(): Redis {
    const client = new Redis({ ...this.options, maxRetriesPerRequest: null, retryStrategy: () => ASK_INTERVAL_MS });
    // While the server is down it emits an error at each try.
    client.on('error', () => undefined);
    return client;
  }

  /** Starts it, on the same port and in the same folder as before, and resolves once it answers. */
  async start(): Promise<void> {
    this.output = '';
    const child = spawn(await redisBinary(), [join(this.folder, 'redis.conf'), ...this.mode], {
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

  /** Adds lines to its redis.conf, for when it is started next. */
  async configure(...lines: readonly string[]): Promise<void> {
    await appendFile(join(this.folder, 'redis.conf'), lines.map((line) => `${line}\n`).join(''));
  }

  /** Sends it a signal, and resolves once one that ends it has ended it. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    this.child?.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await this.ended;
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

  private async untilItAnswers(child: ChildProcess): Promise<void> {
    const client = this.client();
    try {
      while (child.exitCode === null && child.signalCode === null) {
        const asked = client.ping().then(
          () => true,
          () => false,
        );
        const answered = await Promise.race([asked, this.ended.then(() => false), setTimeout(5_000, false)]);
        if (answered) return;
      }
    } finally {
      client.disconnect();
    }
    throw new RedisStartError(`redis-server ended at its start: ${this.output}`);
  }
}

/** A server did not start. */
export class RedisStartError extends Error {
  override readonly name = 'RedisStartError';

  /** Whether another process has its port. */
  get isPortTaken(): boolean {
    return /Address already in use/i.test(this.message);
  }
}

/** Starts a standalone server. Resolves once it answers. */
export function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  return startServer(() => configOf(options), options.password);
}

/**
 * Starts a server on a free port; on another one, where somebody was faster.
 *
 * @param configFor - The lines of its configuration, when its port is known.
 * @param mode - Such as `--sentinel`.
 */
export async function startServer(
  configFor: (port: number) => readonly string[],
  password?: string,
  mode: readonly string[] = [],
): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'rxforce-redis-'));
    const server = new RedisServer(port, folder, mode, password);
    const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, 'daemonize no', ...configFor(port)];
    await writeFile(join(folder, 'redis.conf'), `${lines.join('\n')}\n`);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.stop();
      if (!(error instanceof RedisStartError) || !error.isPortTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

/** A condition that other processes bring about: asked for until it holds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await setTimeout(ASK_INTERVAL_MS);
}

/** The time of Redis' clock, in epoch milliseconds. */
export async function timeOf(redis: Redis): Promise<number> {
  const [seconds = NaN, microseconds = NaN] = await redis.time();
  return seconds * 1000 + Math.floor(microseconds / 1000);
}

function configOf({ aof, password, maxmemory, maxmemoryPolicy, config = [] }: RedisServerOptions): readonly string[] {
  return [
    'save ""',
    ...(aof ? ['appendonly yes', 'appendfsync always'] : ['appendonly no']),
    ...(password === undefined ? [] : [`requirepass ${password}`]),
    ...(maxmemory === undefined ? [] : [`maxmemory ${maxmemory}`]),
    `maxmemory-policy ${maxmemoryPolicy ?? 'noeviction'}`,
    ...config,
  ];
}

/** A port that nobody has at this moment; nor the one of a cluster's bus, which is 10,000 above it. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (port <= 55_535) return port;
  }
}
