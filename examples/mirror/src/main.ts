/**
 * An org under load, mirrored into a database: SQLite, or PostgreSQL with `--postgres`. The mirroring process is killed
 * three times, a schema changes, and a position is lost. In the end the table is compared with the org, row by row.
 *
 * It needs no Salesforce. It ends by itself.
 *
 * @packageDocumentation
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@rxforce/emulator';
import { compare, rowsOf } from './compare.js';
import type { Job, Message } from './messages.js';
import { Progress } from './progress.js';

const RECORDS = 10_000;
const CHANGES_A_SECOND = 200;
const LONGEST_MS = 300_000;
const OUTAGE_MS = 12_000;

const args = process.argv.slice(2);
const isPostgres = args.includes('--postgres');
/** What mirrors: another file where this one was made into one file with all that it imports. */
const MIRROR = args.find((arg) => !arg.startsWith('--')) ?? fileURLToPath(new URL('mirror.ts', import.meta.url));

const startedAt = performance.now();
const say = (text: string) => {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${text}`);
};

const folder = mkdtempSync(join(tmpdir(), 'rxforce-mirror-'));
const postgres = isPostgres ? await (await import('./postgres.js')).startPostgres() : undefined;
const database = postgres?.url ?? `sqlite:${join(folder, 'org.db')}`;
const emulator = await startEmulator({ keepaliveMs: 300 });
const { org, faults, grpcEndpoint, httpUrl, ca = '', credentials } = emulator;
const job: Job = {
  ...{ endpoint: grpcEndpoint, ca, database },
  credentials: { loginUrl: httpUrl, clientId: credentials.clientId, clientSecret: credentials.clientSecret },
};

const progress = new Progress('reading', say);
let rowsRead = 0;
let snapshots = 0;
let written = 0;
let onChange: () => void = () => undefined;

function startMirror(): ChildProcess {
  const mirror = fork(MIRROR, [JSON.stringify(job)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  mirror.on('message', (message: Message) => {
    if (message.type === 'reading') progress.show((rowsRead = message.rows), message.of);
    else if (message.type === 'written') written++;
    else {
      progress.end();
      snapshots++;
      say(`all ${message.rows.toLocaleString('en')} records are read; what changed meanwhile follows`);
    }
    onChange();
  });
  return mirror;
}

/** Waits until something is so, and looks whenever the mirror tells something. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => (onChange = resolve));
}

async function killed(mirror: ChildProcess, when: string): Promise<void> {
  const gone = new Promise((resolve) => mirror.once('exit', resolve));
  mirror.kill('SIGKILL');
  await gone;
  progress.end();
  say(`killed ${when}`);
}

/** Waits until no record differs, or nothing is written for so long that something must be wrong. */
async function differences() {
  let endsAt = performance.now() + 40_000;
  for (;;) {
    const before = written;
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (written > before) {
      endsAt = performance.now() + 40_000;
      continue;
    }
    const rows = await rowsOf(database);
    const found = compare(org.records('Account'), rows);
    const count = found.wrong.length + found.missing.length + found.leftOver.length;
    if (count === 0 || performance.now() > endsAt) return { rows, ...found };
  }
}

setTimeout(() => {
  console.log('FAILED: it took too long');
  process.exit(1);
}, LONGEST_MS).unref();

say(
  `an org of ${RECORDS.toLocaleString('en')} accounts, ${CHANGES_A_SECOND} changes a second, mirrored into ${database}`,
);
for (let made = 0; made < RECORDS; made += 200) {
  org.create(
    'Account',
    Array.from({ length: 200 }, (_, index) => ({ Name: `Account ${made + index}`, AnnualRevenue: made + index })),
  );
}
const load = emulator.startLoad({ entities: ['Account'], eventsPerSecond: CHANGES_A_SECOND, seed: 1 });

let mirror = startMirror();
await until(() => rowsRead > RECORDS * 0.3);
await killed(mirror, 'while it reads');
mirror = startMirror();
await until(() => rowsRead > RECORDS * 0.6);
await killed(mirror, 'while it reads, once more');
mirror = startMirror();
await until(() => snapshots === 1);
const before = written;
await until(() => written > before + 5);
faults.switchSchema('Account');
say('the schema of accounts has changed');
await until(() => written > before + 10);
await killed(mirror, 'while it follows changes');
faults.expireReplayIds();
say('its position is lost, and nobody reads for a while');
// What is swept was not seen for longer than clocks can differ.
await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
rowsRead = 0;
mirror = startMirror();
await until(() => snapshots === 2);
load.stop();
await load.done;
say(`the load has ended after ${load.made.toLocaleString('en')} changes; the table is compared with the org`);

const { rows, wrong, missing, leftOver } = await differences();
say(
  `${rows.size.toLocaleString('en')} rows: ${wrong.length} wrong, ${missing.length} missing, ${leftOver.length} left over`,
);
const ended = new Promise((resolve) => mirror.once('exit', resolve));
mirror.kill('SIGTERM');
await ended;
await emulator.stop();
await postgres?.stop();
rmSync(folder, { recursive: true, force: true });
const isRight = wrong.length + missing.length + leftOver.length === 0 && rows.size >= RECORDS;
console.log(isRight ? 'OK' : 'FAILED');
process.exitCode = isRight ? 0 : 1;
