import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A Redis server of this example's own, which forgets everything when it ends. */
export interface LocalRedis {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts redis-server on a free port.
 *
 * @throws An error that says what to install, when there is none.
 */
export async function startRedis(): Promise<LocalRedis> {
  const port = await freePort();
  const args = ['--port', String(port), '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithThis(child);
  await Promise.race([ready(child), missing(child)]);
  return {
    port,
    stop: async () => {
      const ended = once(child, 'close');
      child.kill();
      await ended;
    },
  };
}

/** Ends a process once this one is gone, however that came: the end of a stdin tells. */
function endWithThis(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const watch = 'cat > /dev/null; kill "$0" 2> /dev/null';
  const watcher = spawn('sh', ['-c', watch, String(child.pid)], {
    // An interrupt from the keyboard ends this process, and not the one that waits for that.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.once('exit', () => watcher.kill('SIGKILL'));
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve();
    });
  });
}

async function missing(child: ChildProcess): Promise<never> {
  const [error] = (await once(child, 'error')) as [Error];
  throw new Error('redis-server cannot be started: install it first (Debian: apt-get install redis-server).', {
    cause: error,
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
