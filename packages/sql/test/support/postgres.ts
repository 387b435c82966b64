import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Pool, type PoolConfig } from 'pg';
import { postgresBinaries } from './postgres-binaries.js';

const run = promisify(execFile);

/**
 * Ends a server, and removes its folder, when this process is gone without having done so: the end of its stdin tells.
 */
const WATCH = 'cat > /dev/null; kill -QUIT "$0" 2> /dev/null; sleep 1; rm -rf "$1"';

/** A real server on a Unix socket in a temporary folder of its own. */
export class PostgresServer {
  private child: ChildProcess | undefined;
  private watcher: ChildProcess | undefined;
  private output = '';
  private readonly pools: Pool[] = [];

  constructor(
    private readonly binaries: string,
    /** Where its files and its socket are. */
    readonly folder: string,
    private readonly user: { readonly uid?: number; readonly gid?: number },
  ) {}

  /** A pool, which `stop` ends. */
  pool(options: PoolConfig = {}): Pool {
    const pool = new Pool({ host: this.folder, user: 'postgres', database: 'postgres', max: 5, ...options });
    pool.on('error', () => undefined);
    this.pools.push(pool);
    return pool;
  }

  /** Its URL. */
  get url(): string {
    return `postgres://postgres@${encodeURIComponent(this.folder)}/postgres`;
  }

  /** Starts it, and resolves once it answers. */
  async start(): Promise<void> {
    const settings = ['listen_addresses=', `unix_socket_directories=${this.folder}`, 'fsync=off', 'max_connections=40'];
    const args = ['-D', join(this.folder, 'data'), ...settings.flatMap((each) => ['-c', each])];
    const child = spawn(join(this.binaries, 'postgres'), args, { ...this.user, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.watcher = spawn('sh', ['-c', WATCH, String(child.pid), this.folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await new Promise<void>((resolve, reject) => {
      const onText = (text: Buffer) => {
        this.output = (this.output + text.toString()).slice(-10_000);
        if (this.output.includes('ready to accept connections')) resolve();
      };
      child.stdout.on('data', onText);
      child.stderr.on('data', onText);
      child.once('close', () => reject(new Error(`postgres ended at its start: ${this.output}`)));
    });
  }

  /** Ends it as a crash does, or in an orderly way. */
  async kill(signal: 'SIGQUIT' | 'SIGINT' = 'SIGQUIT'): Promise<void> {
    const { child } = this;
    this.output = '';
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
    this.watcher?.kill('SIGKILL');
  }

  /** Ends its pools and itself, and removes its folder. */
  async stop(): Promise<void> {
    await Promise.all(this.pools.filter((pool) => !pool.ended).map((pool) => pool.end()));
    await this.kill('SIGINT');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Makes a new database cluster, and starts its server. */
export async function startPostgres(): Promise<PostgresServer> {
  const binaries = await postgresBinaries();
  const folder = await mkdtemp(join(tmpdir(), 'rxforce-pg-'));
  const user = await serverUser();
  // It refuses to run as root.
  if (user.uid !== undefined && user.gid !== undefined) await chown(folder, user.uid, user.gid);
  const args = ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await run(join(binaries, 'initdb'), args, { ...user, cwd: folder });
  const server = new PostgresServer(binaries, folder, user);
  await server.start();
  return server;
}

async function serverUser(): Promise<{ readonly uid?: number; readonly gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const users = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(users) ?? [];
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody".');
}
