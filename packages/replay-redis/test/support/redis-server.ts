import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ServerProcess, startOnFreePort } from '../../../../test/support/server-process.js';
import { ASK_INTERVAL_MS } from '../../../../test/support/until.js';
import { redisBinary } from './redis-binary.js';

export { until } from '../../../../test/support/until.js';

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

const CONFIG = 'redis.conf';
/** The longest wait for one answer, in milliseconds. */
const ANSWER_MS = 5_000;

/** A real redis-server. */
export class RedisServer extends ServerProcess {
  constructor(
    port: number,
    folder: string,
    private readonly mode: readonly string[],
    private readonly password: string | undefined,
  ) {
    super(port, folder);
  }

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

  /** Adds lines to its redis.conf, for when it is started next. */
  async configure(...lines: readonly string[]): Promise<void> {
    await appendFile(join(this.folder, CONFIG), lines.map((line) => `${line}\n`).join(''));
  }

  protected async command(): Promise<readonly [string, ...string[]]> {
    return [await redisBinary(), join(this.folder, CONFIG), ...this.mode];
  }

  protected async answers(): Promise<boolean> {
    const client = this.client();
    const asked = client.ping().then(
      () => true,
      () => false,
    );
    const answered = await Promise.race([asked, this.ended.then(() => false), setTimeout(ANSWER_MS, false)]);
    client.disconnect();
    return answered;
  }
}

/** Starts a standalone server. Resolves once it answers. */
export function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  return startServer(configOf(options), options.password);
}

/**
 * Starts a server.
 *
 * @param config - Lines of its configuration, beside those on where it is.
 * @param mode - Such as `--sentinel`.
 */
export function startServer(
  config: readonly string[],
  password?: string,
  mode: readonly string[] = [],
): Promise<RedisServer> {
  return startOnFreePort({
    configName: CONFIG,
    config: (port, folder) => [`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`, 'daemonize no', ...config],
    make: (port, folder) => new RedisServer(port, folder, mode, password),
  });
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
