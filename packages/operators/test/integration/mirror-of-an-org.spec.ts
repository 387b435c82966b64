import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { from, mergeMap, pipe, tap, type OperatorFunction } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core';
import { startEmulator, type Emulator, type Org, type RecordInput } from '@rxforce/emulator';
import { resolveGaps, toRecords, type KnownRecord, type RecordChange, type RecordStore } from '@rxforce/operators';
import { clientOf } from '../../../core/test/support/emulated.js';
import { seeded, suiteSeed, type Seeded } from '../../../core/test/fault/support/seeded.js';

type Fields = Record<string, unknown>;

/** What one knows of an org who has its events, and may ask for records. */
class Mirror implements RecordStore<Fields> {
  readonly records = new Map<string, KnownRecord<Fields>>();
  /** How often a record had to be read: for a gap, an overflow, a diff that did not fit. */
  readonly reads = { gap: 0, overflow: 0, mismatch: 0 };

  constructor(
    private readonly org: Org,
    private readonly ids: ReadonlySet<string>,
    private readonly random: Seeded,
  ) {}

  load(_entityName: string, recordId: string) {
    return Promise.resolve(this.records.get(recordId));
  }

  save(_entityName: string, recordId: string, record: KnownRecord<Fields> | undefined) {
    if (record) this.records.set(recordId, record);
    else this.records.delete(recordId);
    return Promise.resolve();
  }

  /** A record, as it is now. */
  async read(recordId: string, why: keyof Mirror['reads']): Promise<Fields | undefined> {
    this.reads[why]++;
    await setTimeout(this.random.below(5));
    return recordOf(this.org, recordId);
  }

  /** All records, as after an overflow. */
  readAll(): Promise<{ recordId: string; record: Fields | undefined }[]> {
    return Promise.all(
      [...this.ids].map(async (recordId) => ({ recordId, record: await this.read(recordId, 'overflow') })),
    );
  }

  put(recordId: string, data: Fields | undefined): void {
    if (data) this.records.set(recordId, { data, complete: true });
    else this.records.delete(recordId);
  }
}

function recordOf(org: Org, id: string): Fields | undefined {
  try {
    return Object.fromEntries(Object.entries(org.record('Account', id)).filter(([name]) => name !== 'Id'));
  } catch {
    return undefined;
  }
}

/** The fields that have a value, as a record read from the org has them. */
function withValue(record: object): Fields {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]: [string, unknown]) => {
      if (value === null || value === undefined) return [];
      return [[name, value instanceof Object ? withValue(value) : value]];
    }),
  );
}

/** People at work on accounts. */
class Users {
  readonly ids = new Set<string>();
  private readonly deleted = new Set<string>();

  constructor(
    private readonly org: Org,
    private readonly random: Seeded,
  ) {}

  act(): void {
    const { random } = this;
    const kind = random.below(20);
    if (kind < 4 || this.ids.size < 5) this.create(1 + random.below(3));
    else if (kind === 4) this.overflow();
    else if (kind < 8) this.org.transaction((tx) => tx.update('Account', this.some(), this.values()), { asGaps: true });
    else if (kind < 10) this.deleteOrUndelete(random.below(2) === 0);
    else this.org.update('Account', this.some(), this.values());
  }

  private create(count: number): void {
    for (let index = 0; index < count; index++) {
      this.ids.add(this.org.create('Account', { Name: `account ${this.ids.size}`, ...this.values() }));
    }
  }

  private overflow(): void {
    this.org.transaction((tx) => {
      const made = tx.create(
        'Account',
        Array.from({ length: 12 }, (_, index) => ({ Name: `one of many ${index}` })),
      );
      made.forEach((id) => this.ids.add(id));
    });
  }

  private deleteOrUndelete(asGaps: boolean): void {
    const [id] = this.some();
    this.org.transaction(
      (tx) => {
        if (this.deleted.size > 3) {
          const [gone = ''] = this.deleted;
          tx.undelete('Account', gone);
          this.deleted.delete(gone);
        } else if (id !== undefined) {
          tx.delete('Account', id);
          this.deleted.add(id);
        }
      },
      { asGaps },
    );
  }

  private some(): string[] {
    const there = [...this.ids].filter((id) => !this.deleted.has(id));
    return [...new Set([1, 2, 3].map(() => this.random.pick(there)))].slice(0, 1 + this.random.below(3));
  }

  private values() {
    const { random } = this;
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index} of a long text that seldom changes`);
    lines[random.below(60)] = `line changed to ${random.below(1_000)}`;
    const all: RecordInput[] = [
      { Phone: random.pick(['1', '2', null]) },
      { Description: random.pick([lines.join('\n'), lines.join('\n'), lines.join('\n'), 'short', null]) },
      {
        BillingAddress: random.pick([{ City: `city ${random.below(9)}` }, { Street: 'street' }, { City: null }, null]),
      },
      { AnnualRevenue: random.below(100), NumberOfEmployees: random.pick([null, 5]) },
    ];
    return { ...random.pick(all), ...random.pick(all) };
  }
}

describe('A mirror of an org', function () {
  this.timeout(180_000);
  const seed = suiteSeed(20_261_126);

  const kinds: Readonly<
    Record<string, (mirror: Mirror) => OperatorFunction<ChangeEvent<Fields>, RecordChange<Fields>>>
  > = {
    'in a store that overflows write to': (mirror) =>
      pipe(
        resolveGaps<Fields>(({ recordId }) => mirror.read(recordId, 'gap'), {
          onOverflow: async () => {
            for (const { recordId, record } of await mirror.readAll()) mirror.put(recordId, record);
          },
          staleDelayMs: 1,
        }),
        toRecords<Fields>({
          store: mirror,
          onMismatch: (_event, recordId) => mirror.read(recordId, 'mismatch'),
        }),
      ),
    'in memory, from what overflows emit': (mirror) =>
      pipe(
        resolveGaps<Fields>(({ recordId }) => mirror.read(recordId, 'gap'), {
          onOverflow: () => from(mirror.readAll()).pipe(mergeMap((reads) => reads)),
          staleDelayMs: 1,
        }),
        toRecords<Fields>({ onMismatch: (_event, recordId) => mirror.read(recordId, 'mismatch') }),
        tap(({ recordId, after }) => mirror.put(recordId, after)),
      ),
  };

  for (const [kind, operators] of Object.entries(kinds)) {
    it(`has the records of the org, ${kind}, by gaps, diffs, nulls, compounds and merged events, while streams break`, () =>
      mirrors(operators));
  }

  async function mirrors(operators: (typeof kinds)[string]): Promise<void> {
    const random = seeded(seed);
    const emulator = await startEmulator({ seed: 1, maxChangesPerTransaction: 8 });
    const { org } = emulator;
    const users = new Users(org, random);
    const mirror = new Mirror(org, users.ids, seeded(seed));
    const client = clientOf(emulator, { logger: { warn: () => undefined } });
    const errors: unknown[] = [];
    let applied = 0;
    client
      .changes<Fields>('Account', { replay: 'earliest', window: 40 })
      .pipe(operators(mirror))
      .subscribe({ next: () => applied++, error: (error: unknown) => errors.push(error) });
    for (let round = 0; round < 400; round++) {
      users.act();
      if (round % 5 === 0) await setTimeout(1);
      if (round % 50 === 49) emulator.faults.dropStreams();
    }
    await lastEventHandled(emulator, mirror, errors);
    await client.drain();
    await emulator.stop();

    expect(errors).to.deep.equal([]);
    expect(applied).to.be.above(400);
    expect(mirror.reads.gap).to.be.above(20);
    expect(mirror.reads.overflow).to.be.above(20);
    const wrong = [...users.ids].filter((id) => {
      const [known, real] = [mirror.records.get(id)?.data, recordOf(org, id)];
      return JSON.stringify(sorted(known && withValue(known))) !== JSON.stringify(sorted(real));
    });
    expect(wrong).to.deep.equal([]);
  }
});

function sorted(value: unknown): unknown {
  if (!(value instanceof Object)) return value;
  return Object.entries(value)
    .map(([name, part]): [string, unknown] => [name, sorted(part)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Nothing else comes after this record, so that all is done once it is known. */
async function lastEventHandled({ org }: Emulator, mirror: Mirror, errors: readonly unknown[]): Promise<void> {
  const last = org.create('Account', { Name: 'the last one' });
  while (!mirror.records.has(last) && errors.length === 0) await setTimeout(5);
}
