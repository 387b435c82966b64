/**
 * How many records a second `sqlMirror` writes, in batches of 500: new ones, the same again, and changes of some
 * fields. On PostgreSQL over a Unix socket and on SQLite in a file; with 41 columns, or with 17 (`narrow`).
 *
 *     npm run build && npx tsx packages/sql/test/speed.ts [records] [narrow] [sqlite]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ChangeEvent } from '@rxforce/core';
import { sqlMirror, type SqlSource } from '@rxforce/sql';
import { change, idOf } from './support/changes.js';
import { startPostgres } from './support/postgres.js';
import { FIELDS, schemaClient, type SchemaField } from './support/schemas.js';

const BATCH = 500;
const records = Number(process.argv[2] ?? 50_000);
const isNarrow = process.argv.includes('narrow');
const more = Array.from({ length: isNarrow ? 2 : 11 }, (_, index): SchemaField => [
  `Field${index}__c`,
  'string',
  'Text',
]);

const dataOf = (number: number) => ({
  Name: `Account ${number}`,
  Industry: 'Manufacturing',
  AnnualRevenue: number * 1.5,
  NumberOfEmployees: number % 1_000,
  IsActive: number % 2 === 0,
  BillingAddress: { Street: `${number} Main Street`, City: 'Springfield', Latitude: 1.25 },
  CreatedDate: 1_769_558_400_000 + number,
  ...Object.fromEntries(more.map(([name]) => [name, `value ${number % 97}`])),
});

/** What is written: how the change of a record is made. */
const KINDS: Readonly<Record<string, (number: number) => ChangeEvent>> = {
  new: (number) => change({ recordIds: [idOf(number)], data: dataOf(number) }),
  again: (number) => change({ recordIds: [idOf(number)], data: dataOf(number) }),
  updates: (number) => {
    const data = { [`Field${number % more.length}__c`]: 'changed', AnnualRevenue: 1 };
    return change({ at: 2, changeType: 'UPDATE', recordIds: [idOf(number)], data });
  },
};

async function measure(name: string, database: SqlSource): Promise<void> {
  const fields = isNarrow ? FIELDS.slice(0, 5) : FIELDS;
  const mirror = sqlMirror({ database, entity: 'Account', client: schemaClient([...fields, ...more]) });
  for (const [what, make] of Object.entries(KINDS)) {
    const { seconds, cpu } = await writeAll(mirror.write, make);
    const rate = Math.round(records / seconds).toLocaleString('en');
    console.log(`${name.padEnd(12)}${what.padEnd(10)}${rate} records/s, ${(cpu / records).toFixed(1)} µs CPU each`);
  }
}

/** Counts only the time of the writes. */
async function writeAll(
  write: (events: readonly ChangeEvent[]) => Promise<void>,
  make: (number: number) => ChangeEvent,
) {
  let [seconds, cpu] = [0, 0];
  for (let from = 0; from < records; from += BATCH) {
    const events = Array.from({ length: BATCH }, (_, index) => make(from + index));
    const [start, used] = [process.hrtime.bigint(), process.cpuUsage()];
    await write(events);
    const { user, system } = process.cpuUsage(used);
    seconds += Number(process.hrtime.bigint() - start) / 1e9;
    cpu += user + system;
  }
  return { seconds, cpu };
}

const folder = await mkdtemp(join(tmpdir(), 'rxforce-bench-'));
const sqlite = new Database(join(folder, 'bench.db'));
sqlite.pragma('journal_mode = WAL');
sqlite.pragma('synchronous = FULL');
await measure('SQLite', sqlite);
sqlite.close();
await rm(folder, { recursive: true, force: true });

if (!process.argv.includes('sqlite')) {
  const server = await startPostgres();
  await measure('PostgreSQL', server.pool());
  await server.stop();
}
