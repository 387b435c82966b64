/**
 * Three replicas of an application on one machine: one reads, two stand by. The one that reads is killed; another takes
 * over at the last commit. Then a deployment: the new reader is told to end, and hands over at once.
 *
 * It needs no Salesforce, and a redis-server on the path.
 *
 * @packageDocumentation
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@rxforce/emulator';
import { Redis } from 'ioredis';
import type { Job, Message } from './messages.js';
import { startRedis } from './redis.js';

const TOPIC = '/data/AccountChangeEvent';
const CHANGES = 3_000;
/** What a replica runs: another file where this one was made into one file with all that it imports. */
const REPLICA = process.argv[2] ?? fileURLToPath(new URL('replica.ts', import.meta.url));

const startedAt = performance.now();
const say = (text: string) => {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`);
};

const redis = await startRedis();
const emulator = await startEmulator();
const { org, grpcEndpoint, httpUrl, ca = '', credentials } = emulator;
const job: Job = {
  endpoint: grpcEndpoint,
  ca,
  credentials: { loginUrl: httpUrl, clientId: credentials.clientId, clientSecret: credentials.clientSecret },
  redisPort: redis.port,
};

const handled: string[] = [];
let active: ChildProcess | undefined;
let onChange: () => void = () => undefined;

function startReplica(name: string): ChildProcess {
  const replica = fork(REPLICA, [JSON.stringify(job)]);
  replica.on('message', (message: Message) => {
    if (message.type === 'handled') {
      handled.push(message.id);
    } else {
      say(`${name}: ${message.type}`);
      if (message.type === 'acquired') active = replica;
    }
    onChange();
  });
  return replica;
}

/** Waits until something is so, looking whenever a replica tells something. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => (onChange = resolve));
}

/** What Redis keeps of a subscription, besides who is active. */
async function bytesOfPosition(): Promise<number | null> {
  const client = new Redis(redis.port);
  const position = (await client.keys('{rxforce:*}')).find((key) => key.endsWith('}')) ?? '';
  const bytes = await client.memory('USAGE', position);
  client.disconnect();
  return bytes;
}

const load = setInterval(() => {
  if (emulator.log(TOPIC).length < CHANGES) org.create('Account', [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }]);
}, 2);
const replicas = ['red', 'green', 'blue'].map(startReplica);
await until(() => handled.length > CHANGES * 0.2);

const killed = active;
say('the one that reads is killed');
killed?.kill('SIGKILL');
await until(() => active !== killed && handled.length > CHANGES * 0.5);

const drained = active;
say('deployment: the one that reads is told to end');
drained?.kill('SIGTERM');
await until(() => active !== drained);

await until(() => new Set(handled).size === CHANGES);
clearInterval(load);
const log = emulator.log(TOPIC).map(({ id }) => id);
const lost = log.filter((id) => !handled.includes(id)).length;
const again = handled.length - new Set(handled).size;
say(`${log.length} changes, ${again} of them handled again after the kill, ${lost} lost`);

say(`the position takes ${await bytesOfPosition()} bytes of Redis`);

const ends = replicas
  .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  .map((replica) => new Promise((resolve) => replica.once('exit', resolve)));
replicas.forEach((replica) => replica.kill('SIGTERM'));
await Promise.all(ends);
await emulator.stop();
await redis.stop();
console.log(lost === 0 ? 'OK' : 'FAILED');
process.exitCode = lost === 0 ? 0 : 1;
