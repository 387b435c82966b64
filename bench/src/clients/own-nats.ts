import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Starts nats-server with JetStream on a free port, for as long as this process lives. Tells its URL. */
export async function startNats(fail: (error: unknown) => void): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const folder = mkdtempSync(join(tmpdir(), 'rxforce-bench-'));
  const options = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder];
  // Debian has it in /usr/sbin, which is not on every PATH.
  const nats = spawn('nats-server', options, { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
  process.once('exit', () => {
    nats.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  nats.once('error', (error) => fail(new Error('Install nats-server to measure this.', { cause: error })));
  for await (const text of nats.stderr) {
    if (String(text).includes('Server is ready')) break;
  }
  return `nats://127.0.0.1:${port}`;
}
