import type { ChangeEvent } from '@rxforce/core';
import { applyChange } from '@rxforce/operators';
import { expect } from 'chai';
import fc from 'fast-check';
import { change, idOf, snapshot } from '../support/changes.js';
import { postgresEngine, sqliteEngine, type Engine } from '../support/engines.js';
import { mirrorIn, rowsOf } from '../support/mirrors.js';

type Data = Record<string, unknown>;

/** What happens to a record: `kind` says what where there is a choice. */
interface Step {
  readonly record: number;
  readonly kind: number;
  readonly data: Data;
  /** Seconds since the step before. */
  readonly after: number;
  /** By how many seconds the clock of the records is ahead. */
  readonly skew: number;
}

const text = fc.option(fc.constantFrom('a', 'b', 'ü😀'), { nil: null });
const changes = fc
  .record(
    {
      Industry: text,
      AnnualRevenue: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
      BillingAddress: fc.oneof(
        fc.constant(null),
        fc.record({ City: text, Street: text }, { requiredKeys: [] }).filter((parts) => Object.keys(parts).length > 0),
      ),
      Name: fc.oneof(text, fc.record({ FirstName: text, LastName: fc.constantFrom('x', 'y') })),
    },
    { requiredKeys: [] },
  )
  .filter((data) => Object.keys(data).length > 0);

const step = (records: number): fc.Arbitrary<Step> =>
  fc.record({
    record: fc.integer({ min: 1, max: records }),
    kind: fc.integer({ min: 0, max: 9 }),
    data: changes,
    after: fc.constantFrom(0, 0, 1, 3, 7, 20),
    skew: fc.integer({ min: -3, max: 3 }),
  });

/** The record of a model, after an event. */
interface Known {
  readonly data: Data;
  readonly complete: boolean;
}

function applied(known: Known | undefined, event: ChangeEvent): Known | undefined {
  const data = applyChange<Data>(known?.data, event).unwrap();
  if (data === undefined) return undefined;
  return { data, complete: event.header.changeType !== 'UPDATE' || known?.complete === true };
}

/** What a step does to a record. Of a record whose beginning was not seen, anything may come. */
function typeOf(
  kind: number,
  isThere: boolean,
  wasThere: boolean,
  seesAll: boolean,
): ChangeEvent['header']['changeType'] {
  if (!seesAll && kind >= 7) return kind === 7 ? 'SNAPSHOT' : kind === 8 ? 'UPDATE' : 'DELETE';
  if (isThere) return kind < 6 ? 'UPDATE' : 'DELETE';
  return wasThere ? 'UNDELETE' : 'CREATE';
}

/**
 * Events in the order of their versions, and the records after each.
 *
 * @param seesAll - Whether they are all events of an org. Else some are missing.
 */
function history(steps: readonly Step[], seesAll: boolean) {
  const records = new Map<number, Known | undefined>();
  const lastOf = new Map<number, Data>();
  let [at, modified] = [1_000, 0];
  return steps.map(({ record, kind, data, after: seconds, skew }, index) => {
    at += seconds;
    modified = Math.max(modified, at + skew);
    const before = records.get(record);
    const fields = { at, commitNumber: BigInt(index + 1), recordIds: [idOf(record)] };
    const changeType = typeOf(kind, before !== undefined, lastOf.has(record), seesAll);
    // An undeleted record is as it was.
    const whole = changeType === 'UNDELETE' && seesAll ? lastOf.get(record)! : data;
    const event = change({
      ...fields,
      changeType,
      data: changeType === 'DELETE' ? {} : changeType === 'UPDATE' ? data : whole,
    });
    records.set(record, applied(before, event));
    const now = records.get(record);
    if (now) lastOf.set(record, now.data);
    return { event, record, known: now, modified };
  });
}

/** The row of a record, without what is null. */
function rowOf(record: number, { data, complete }: Known): Record<string, unknown> {
  const { Industry, AnnualRevenue, BillingAddress, Name } = data as Record<string, Data | null | undefined>;
  const person = typeof Name === 'object' ? Name : undefined;
  const row = {
    id: idOf(record),
    industry: Industry,
    annual_revenue: AnnualRevenue,
    billing_city: BillingAddress?.City,
    billing_street: BillingAddress?.Street,
    name: typeof Name === 'string' ? Name : null,
    first_name: person?.FirstName,
    last_name: person?.LastName,
    rx_complete: complete,
    rx_deleted: false,
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));
}

const COLUMNS =
  'id, industry, annual_revenue, billing_city, billing_street, name, first_name, last_name, rx_complete, rx_deleted';

async function there(engine: Engine) {
  return (await rowsOf(engine, COLUMNS)).filter(({ rx_deleted }) => !rx_deleted);
}

/** Writes events in batches of these sizes, again and again. */
async function writeIn(
  engine: Engine,
  events: readonly ChangeEvent[],
  sizes: readonly number[],
  deletes: 'mark' | 'delete',
) {
  const mirror = mirrorIn(engine, { deletes });
  for (let from = 0, batch = 0; from < events.length; batch++) {
    const size = sizes[batch % sizes.length] ?? 1;
    await mirror.write(events.slice(from, from + size));
    from += size;
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
const places = (most: number) => fc.array(fc.nat(), { maxLength: most });
const ways = fc.constantFrom<'mark' | 'delete'>('mark', 'delete');

/** All values, each once or more, in an order that the numbers say. */
function dealt<T>(all: readonly T[], order: readonly number[], again: readonly number[]): T[] {
  const hand = [...all];
  const mixed = order.length === 0 ? hand : [];
  for (let next = 0; hand.length > 0 && order.length > 0; next++) {
    mixed.push(...hand.splice((order[next % order.length] ?? 0) % hand.length, 1));
  }
  again.forEach((number, index) =>
    mixed.splice((number * 7 + index) % (mixed.length + 1), 0, all[number % all.length]!),
  );
  return mixed;
}

for (const [engine, numRuns] of [
  [sqliteEngine(), 400],
  [postgresEngine(), 60],
] as const) {
  describe(`Any changes in ${engine.name}`, function () {
    this.timeout(300_000);
    before(() => engine.start());
    after(() => engine.stop());

    it('give the records that applyChange gives, in any order, repeatedly, and in batches of any cut', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(step(3), { minLength: 1, maxLength: 14 }),
          places(20),
          places(6),
          sizes,
          ways,
          async (steps, order, again, cut, deletes) => {
            await engine.clear();
            const made = history(steps, false);
            await writeIn(
              engine,
              dealt(
                made.map(({ event }) => event),
                order,
                again,
              ),
              cut,
              deletes,
            );
            const last = new Map(made.map(({ record, known }) => [record, known]));
            const expected = [...last]
              .sort(([a], [b]) => a - b)
              .flatMap(([record, known]) => (known ? [rowOf(record, known)] : []));
            expect(await there(engine)).to.deep.equal(expected);
          },
        ),
        { numRuns },
      ));

    it('and rows of snapshots give the records of the org, whatever comes first, with clocks 3 s apart', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(step(1), { minLength: 1, maxLength: 10 }),
          fc.array(fc.nat(), { maxLength: 4 }),
          places(20),
          places(4),
          sizes,
          ways,
          async (steps, reads, order, again, cut, deletes) => {
            await engine.clear();
            const made = history(steps, true);
            // Whatever was true at some time may be read, by a replica that lags behind.
            const rows = reads.flatMap((read) => {
              const { known, modified } = made[read % made.length]!;
              return known ? [snapshot({ at: modified, data: known.data })] : [];
            });
            await writeIn(engine, dealt([...made.map(({ event }) => event), ...rows], order, again), cut, deletes);
            const last = made.at(-1)!.known;
            expect(await there(engine)).to.deep.equal(last ? [rowOf(1, last)] : []);
          },
        ),
        { numRuns },
      ));
  });
}
