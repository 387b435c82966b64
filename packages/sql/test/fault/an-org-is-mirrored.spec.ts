import type { ChangeEvent } from '@rxforce/core';
import { startEmulator, type Emulator, type Org, type RecordInput } from '@rxforce/emulator';
import { batchBy, resolveGaps, retryWithDLQ } from '@rxforce/operators';
import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { clientOf } from '../../../core/test/support/emulated.js';
import { seeded, suiteSeed, type Seeded } from '../../../core/test/fault/support/seeded.js';
import { sqlDeadLetterQueue, sqlMirror, sqlReplayStore, type SqlMirror, type SqlSource } from '../../src/index.js';
import { postgresEngine, sqliteEngine, type Engine } from '../support/engines.js';
import { rowsOf } from '../support/mirrors.js';

type Fields = Record<string, unknown>;

const COLUMNS =
  'id, name, phone, description, annual_revenue, number_of_employees, billing_city, billing_street, rx_deleted, rx_complete';

/** People at work on accounts. */
class Users {
  readonly ids: string[] = [];
  private readonly deleted = new Set<string>();

  constructor(
    private readonly org: Org,
    private readonly random: Seeded,
  ) {}

  act(): void {
    const { org, random } = this;
    const kind = random.below(12);
    if (kind < 2 || this.ids.length < 5) {
      this.ids.push(org.create('Account', { Name: `account ${this.ids.length}`, ...this.values() }));
    } else if (kind === 2) {
      org.transaction((tx) => tx.update('Account', this.some(), this.values()), { asGaps: true });
    } else if (kind === 3) {
      this.deleteOrUndelete();
    } else {
      org.update('Account', this.some(), this.values());
    }
  }

  private deleteOrUndelete(): void {
    const [gone] = this.deleted;
    const [id] = this.some();
    this.org.transaction((tx) => {
      if (gone !== undefined && this.deleted.size > 2) tx.undelete('Account', gone);
      else if (id !== undefined) tx.delete('Account', id);
    });
    if (gone !== undefined && this.deleted.size > 2) this.deleted.delete(gone);
    else if (id !== undefined) this.deleted.add(id);
  }

  private some(): string[] {
    const there = this.ids.filter((id) => !this.deleted.has(id));
    return [...new Set([1, 2].map(() => this.random.pick(there)))];
  }

  private values(): RecordInput {
    const { random } = this;
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index} of a long text that seldom changes 😀`);
    lines[random.below(60)] = `line changed to ${random.below(1_000)}`;
    return {
      ...random.pick<RecordInput>([{ Phone: random.pick(['1', '2', null]) }, { AnnualRevenue: random.below(100) }]),
      ...random.pick<RecordInput>([
        { Description: random.pick([lines.join('\n'), lines.join('\n'), 'short', null]) },
        { BillingAddress: random.pick([{ City: `city ${random.below(9)}` }, { Street: 'street' }, { City: null }]) },
        { NumberOfEmployees: random.pick([null, 5]) },
      ]),
    };
  }
}

/** The record as the org has it, as a row. */
function rowIn(org: Org, id: string): Fields | undefined {
  let record: Fields;
  try {
    record = org.record('Account', id);
  } catch {
    return undefined;
  }
  const address = record.BillingAddress as Fields | null | undefined;
  const row = {
    id,
    name: record.Name,
    phone: record.Phone,
    description: record.Description,
    annual_revenue: record.AnnualRevenue,
    number_of_employees: record.NumberOfEmployees,
    billing_city: address?.City,
    billing_street: address?.Street,
    rx_deleted: false,
    rx_complete: true,
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));
}

describe('An org', function () {
  this.timeout(180_000);
  const seed = suiteSeed(20_261_129);

  for (const engine of [sqliteEngine(), postgresEngine()]) {
    it(`is in ${engine.name} as it is, while streams break, processes end, and the database dies`, async () => {
      await engine.start();
      const emulator = await startEmulator({ seed: 1 });
      try {
        await mirrors(engine, emulator);
      } finally {
        await emulator.stop();
        await engine.stop();
      }
    });
  }

  async function mirrors(engine: Engine, emulator: Emulator): Promise<void> {
    const random = seeded(seed);
    const users = new Users(emulator.org, random);
    let life = liveOn(engine, emulator);
    for (let round = 0; round < 500; round++) {
      users.act();
      if (round % 5 === 0) await setTimeout(1);
      if (round % 60 === 59) emulator.faults.dropStreams();
      if (round % 130 === 129) {
        // As after a crash: what was not committed comes again.
        life.end();
        life = liveOn(engine, emulator);
      }
      if (round % 200 === 199 && 'server' in engine) await restarted(engine as ReturnType<typeof postgresEngine>);
    }
    const last = emulator.org.create('Account', { Name: 'the last one' });
    users.ids.push(last);
    while ((await there(engine).catch(() => [])).every(({ id }) => id !== last)) {
      expect(life.errors).to.deep.equal([]);
      await setTimeout(20);
    }
    await life.drain();
    const expected = new Map(users.ids.map((id) => [id, rowIn(emulator.org, id)]));
    const actual = new Map((await there(engine)).map((row) => [row.id, { ...row, ...countIn(row) }]));
    // Each by itself, so that a failure shows the record that is wrong.
    users.ids.forEach((id) => expect(actual.get(id)).to.deep.equal(expected.get(id)));
    expect(await sqlDeadLetterQueue(engine.open()).depth()).to.equal(0);
  }
});

/** A process: its position, its dead letters and its mirror, all in the one database. */
function liveOn(engine: Engine, emulator: Emulator) {
  const database: SqlSource = engine.open();
  const client = clientOf(emulator, { logger: { warn: () => undefined } });
  const mirror: SqlMirror<Fields> = sqlMirror<Fields>({ database, entity: 'Account', client });
  const errors: unknown[] = [];
  const store = sqlReplayStore(database, { lockTtlMs: 100 });
  client
    .changes<Fields>('Account', { replay: { store, name: 'mirror', from: 'earliest' }, window: 60 })
    .pipe(
      resolveGaps<Fields>(({ recordId }) => recordOf(emulator.org, recordId), {
        onOverflow: () => [],
        staleDelayMs: 1,
      }),
      batchBy<ChangeEvent<Fields>>(20, 5),
      retryWithDLQ(mirror.write, {
        deadLetters: sqlDeadLetterQueue(database),
        maxRetries: Infinity,
        retryable: (error) => (error as { retriable?: boolean }).retriable === true,
        delays: { type: 'constant', delayMs: 20 },
        splitBatches: true,
      }),
    )
    .subscribe({ error: (error: unknown) => errors.push(error) });
  return {
    errors,
    drain: () => client.drain(),
    end: () => {
      client.close();
      void store.close();
    },
  };
}

async function recordOf(org: Org, id: string): Promise<Fields | undefined> {
  await setTimeout(1);
  try {
    return Object.fromEntries(Object.entries(org.record('Account', id)).filter(([name]) => name !== 'Id'));
  } catch {
    return undefined;
  }
}

async function there(engine: Engine): Promise<Fields[]> {
  return (await rowsOf(engine, COLUMNS)).filter(({ rx_deleted }) => rx_deleted === false);
}

/** PostgreSQL gives a bigint as a text. */
function countIn({ number_of_employees: count }: Fields): Fields {
  return count === undefined ? {} : { number_of_employees: Number(count) };
}

async function restarted(engine: ReturnType<typeof postgresEngine>): Promise<void> {
  await engine.server().kill();
  await engine.server().start();
}
