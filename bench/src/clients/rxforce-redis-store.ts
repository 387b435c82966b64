/**
 * Our client with its position on a Redis server of its own, which is on the path.
 *
 * @packageDocumentation
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { redisReplayStore } from '@rxforce/replay-redis';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { rxforceClient } from './rxforce-client.js';

const meter = new Meter(LAST_COMMIT_NUMBER);
const port = await startRedis();

rxforceClient(meter.parameters)
  .changes('Account', { replay: { from: 'earliest', store: redisReplayStore({ port }) } })
  .subscribe({
    next: ({ header }) => meter.handled(header.sequenceNumber, header.commitNumber),
    error: meter.fail,
  });

/** Starts redis-server on a free port, for as long as this process lives. */
async function startRedis(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const redis = spawn('redis-server', ['--port', String(free), '--save', '', '--bind', '127.0.0.1']);
  process.once('exit', () => redis.kill('SIGKILL'));
  redis.once('error', (error) => meter.fail(new Error('Install redis-server to measure this.', { cause: error })));
  for await (const text of redis.stdout) {
    if (String(text).includes('Ready to accept connections')) break;
  }
  return free;
}
