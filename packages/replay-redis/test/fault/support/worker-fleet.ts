import type { Redis } from 'ioredis';
import type { Emulator } from '@rxforce/emulator';
import { until, type RedisServer } from '../../support/redis-server.js';
import { Child } from './child.js';
import type { LogJob } from './log-process.js';
import { Sink } from './sink.js';

const PARTITIONS = 8;
const TTL_MS = 1_500;
const WINDOW = 40;
/** After so long without a new line, nothing is expected any more, in milliseconds: many times what a take-over takes. */
const STALLED_MS = 40_000;

/** Readers and workers that are killed, stopped and drained, and what they wrote. */
export class WorkerFleet {
  readonly children: Child[] = [];
  readonly sink: Sink;
  /** How often a lease was taken by any of them. */
  private acquired = 0;
  private started = 0;

  constructor(
    private readonly emulator: Emulator,
    private readonly redis: RedisServer,
    private readonly outputFile: string,
    private readonly seed: number,
  ) {
    this.sink = new Sink(outputFile);
  }

  start(role: LogJob['role']): void {
    const { grpcEndpoint, httpUrl, ca, credentials } = this.emulator;
    const { clientId, clientSecret } = credentials;
    const number = ++this.started;
    const job: LogJob = {
      ...{ name: `${role}-${number}`, role, endpoint: grpcEndpoint, ca: ca ?? '', loginUrl: httpUrl },
      ...{ clientId, clientSecret, redisPort: this.redis.port, outputFile: this.outputFile },
      ...{ partitions: PARTITIONS, window: WINDOW, ttlMs: TTL_MS, seed: this.seed + number },
    };
    this.children.push(
      new Child(job, ({ type }) => {
        if (type === 'acquired') this.acquired++;
      }),
    );
  }

  /** Kills a process, and starts another one in its place. */
  async kill(child: Child): Promise<void> {
    await child.end();
    this.replace(child);
  }

  /** Ends a process as a platform does, and starts another one in its place. */
  async drain(child: Child): Promise<void> {
    let isOver = false;
    child.signal('SIGTERM');
    void child.ended.then(() => (isOver = true));
    this.start(child.job.role);
    await this.until(() => isOver);
    this.children.splice(this.children.indexOf(child), 1);
  }

  /** Stops a process until another one has taken a lease, and lets it go on. */
  async stop(child: Child): Promise<void> {
    const before = this.acquired;
    child.signal('SIGSTOP');
    // A member that held nothing is not replaced by anybody.
    const held = [...child.states.values()].some((type) => !['standby', 'lost', 'closed'].includes(type));
    if (held) await this.until(() => this.acquired > before);
    child.signal('SIGCONT');
  }

  /** Stops a process until something was written, and lets it go on: for less than the time of a lease, as a rule. */
  async pause(child: Child): Promise<void> {
    const { length } = this.sink.lines;
    child.signal('SIGSTOP');
    const more = await this.sink.missing();
    if (more > 0) await this.until(async () => (await this.sink.missing()) === 0 || this.sink.lines.length > length);
    child.signal('SIGCONT');
  }

  /** Waits until no more than so many changes are missing. */
  async untilWritten(most: number): Promise<void> {
    await this.until(async () => (await this.sink.missing()) <= most);
  }

  /** The entries of the log that are in a partition twice. */
  async entriesTwice(): Promise<readonly string[]> {
    const client = this.redis.client();
    const twice: string[] = [];
    for (const key of await client.keys('{rxforce:log:crm:*}:[0-9]*')) {
      if (key.endsWith('groups')) continue;
      const seen = new Set<string>();
      for (const [, fields] of await client.xrange(key, '-', '+')) {
        const id = `${key} ${fields[3]} ${fields[1]}`;
        if (seen.has(id)) twice.push(id);
        seen.add(id);
      }
    }
    client.disconnect();
    return twice;
  }

  async end(): Promise<void> {
    await Promise.all(this.children.map((child) => child.end()));
  }

  private replace(child: Child): void {
    this.children.splice(this.children.indexOf(child), 1);
    this.start(child.job.role);
  }

  /** Waits for what processes do, as long as none has failed, and something is written now and then. */
  private async until(condition: () => Promise<boolean> | boolean): Promise<void> {
    let written = -1;
    let since = performance.now();
    await until(async () => {
      this.children.forEach((child) => child.check());
      if (await condition()) return true;
      await this.sink.missing();
      if (this.sink.lines.length !== written) [written, since] = [this.sink.lines.length, performance.now()];
      if (performance.now() - since > STALLED_MS) throw new Error(await this.report());
      return false;
    });
  }

  /** Who holds which lease, how far each partition is, and what each process said last. */
  private async report(): Promise<string> {
    const client = this.redis.client();
    const lines: string[] = [
      `Nothing was written for ${STALLED_MS} ms, and ${await this.sink.missing()} changes are missing.`,
    ];
    for (const key of (await client.keys('*')).sort()) lines.push(`  ${key} = ${await contentOf(client, key)}`);
    client.disconnect();
    return [...lines, ...this.children.map((child) => child.describe())].join('\n');
  }
}

/** What a key holds, and for how long. Streams are too long. */
async function contentOf(client: Redis, key: string): Promise<string> {
  switch (await client.type(key)) {
    case 'string':
      return `${await client.get(key)}, for ${await client.pttl(key)} ms`;
    case 'hash':
      return key.endsWith(':schemas') ? '…' : JSON.stringify(await client.hgetall(key));
    case 'zset':
      return (await client.zrange(key, 0, '-1', 'WITHSCORES')).join(' ');
    default:
      return '…';
  }
}
