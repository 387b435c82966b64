/**
 * Five workers share the changes of an org, through an event log on Redis. The active reader is killed, a worker is
 * killed, one stands still for longer than its lease, and one is drained. In the end nothing is lost, no record's
 * changes were written out of order, and the table is right.
 *
 * It needs no Salesforce, and a redis-server on the path. It ends by itself.
 *
 * @packageDocumentation
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@rxforce/emulator';
import { startRedis } from '../../replicas/src/redis.js';
import { Fleet, isAlive, type Member } from './fleet.js';
import { account, openDatabase, wrongRows } from './journal.js';
import { tableOf } from './table.js';

const RECORDS = 60;
const PARTITIONS = 16;
const CHANGES_A_TICK = 2;
const TICK_MS = 8;
/** How long leases last, in milliseconds: short, so that it is over soon. A busy machine needs more. */
const TTL_MS = Number(process.env.RXFORCE_LEASE_MS ?? 1_500);
const LONGEST_MS = 240_000;

/** What readers and workers run: other files where this one was made into one file with all that it imports. */
const [reader, worker] = ['reader.ts', 'worker.ts'].map(
  (name, index) => process.argv[2 + index] ?? fileURLToPath(new URL(name, import.meta.url)),
) as [string, string];

const startedAt = performance.now();
const say = (text: string) => {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`);
};
setTimeout(() => {
  console.log('FAILED: it took too long');
  process.exit(1);
}, LONGEST_MS).unref();

const folder = mkdtempSync(join(tmpdir(), 'rxforce-scale-'));
const redis = await startRedis();
const emulator = await startEmulator();
const { org, grpcEndpoint, httpUrl, ca = '', credentials } = emulator;
const fleet = new Fleet(
  { reader, worker },
  {
    ...{ endpoint: grpcEndpoint, ca, redisPort: redis.port, database: join(folder, 'accounts.db') },
    ...{ partitions: PARTITIONS, ttlMs: TTL_MS },
    credentials: { loginUrl: httpUrl, clientId: credentials.clientId, clientSecret: credentials.clientSecret },
  },
);
const database = openDatabase(join(folder, 'accounts.db'));

/** The numbers that each record was given, in order. */
const made = new Map<string, number[]>();
let lastNumber = 1;
const ids = org.create(
  'Account',
  Array.from({ length: RECORDS }, (_, index) => ({ Name: `Account ${index}`, NumberOfEmployees: 1 })),
);
ids.forEach((id) => made.set(id, [1]));

function change(): void {
  for (let count = 0; count < CHANGES_A_TICK; count++) {
    const value = ++lastNumber;
    const id = ids[(value * 7) % ids.length] ?? '';
    org.update('Account', [id], { NumberOfEmployees: value });
    made.get(id)?.push(value);
  }
}

/** Waits until each partition is read by one worker, and shows who that is. */
async function settled(): Promise<void> {
  await fleet.until(() => fleet.isComplete());
  say(`each of the ${PARTITIONS} partitions is read by one worker`);
  console.log(tableOf(fleet.workers, PARTITIONS));
}

/** A worker that is alive and reads something. */
function busy(): Member {
  const found = fleet.workers.find((each) => isAlive(each) && each.partitions.size > 0);
  if (found === undefined) throw new Error('No worker reads anything.');
  return found;
}

say(`${RECORDS} accounts; 2 readers and 3 workers start, with a log of ${PARTITIONS} partitions on Redis`);
['reader-1', 'reader-2'].forEach((name) => fleet.startReader(name));
['worker-1', 'worker-2', 'worker-3'].forEach((name) => fleet.startWorker(name));
await settled();
const load = setInterval(change, TICK_MS);

say('two more workers come');
['worker-4', 'worker-5'].forEach((name) => fleet.startWorker(name));
await settled();

const { active } = fleet;
if (active) await fleet.end(active, 'SIGKILL');
say(`${active?.name} was killed: it was the active reader`);
await fleet.until(() => fleet.active !== active);
say(`${fleet.active?.name} relays from the last commit on`);

const killed = busy();
await fleet.end(killed, 'SIGKILL');
say(`${killed.name} was killed`);
await settled();

const still = busy();
// Not within a write: nobody else could write to the file of SQLite meanwhile.
database.transaction(() => still.process.kill('SIGSTOP')).immediate();
say(`${still.name} stands still for longer than its lease`);
const others = fleet.workers.filter((each) => each !== still && isAlive(each));
await fleet.until(() => new Set(others.flatMap(({ partitions }) => [...partitions])).size === PARTITIONS);
say('the others have taken its partitions; it goes on');
still.process.kill('SIGCONT');
await settled();

const drained = busy();
await fleet.end(drained, 'SIGTERM');
say(`${drained.name} was drained, as in a deployment`);
await settled();

clearInterval(load);
const count = [...made.values()].flat().length;
say(`the load has ended after ${count.toLocaleString('en')} changes`);
let found = account(database, made);
for (let waited = 0; waited < 200 && found.lost > 0; waited++) {
  await after(100);
  found = account(database, made);
}
const wrong = wrongRows(database, made);
const { lost, skipped, again, late } = found;
say(`${lost} lost, ${skipped} out of order, ${again} written again, ${late} of them late`);
say(`the table has ${RECORDS} accounts, ${wrong.length} of them wrong`);

await fleet.close();
database.close();
await emulator.stop();
await redis.stop();
rmSync(folder, { recursive: true, force: true });
const isRight = lost === 0 && skipped === 0 && wrong.length === 0;
console.log(isRight ? 'OK' : 'FAILED');
process.exitCode = isRight ? 0 : 1;
