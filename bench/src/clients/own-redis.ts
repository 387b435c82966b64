import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Starts redis-server on a free port, for as long as this process lives. */
export async function startRedis(fail: (error: unknown) => void): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1']);
  process.once('exit', () => redis.kill('SIGKILL'));
  redis.once('error', (error) => fail(new Error('Install redis-server to measure this.', { cause: error })));
  for await (const text of redis.stdout) {
    if (String(text).includes('Ready to accept connections')) break;
  }
  return port;
}
