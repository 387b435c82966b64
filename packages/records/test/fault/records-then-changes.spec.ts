import { expect } from 'chai';
import fc from 'fast-check';
import { mergeMap } from 'rxjs';
import { memoryReplayStore, type ChangeEvent } from '@rxforce/core';
import { applyChange, handle } from '@rxforce/operators';
import { suiteSeed } from '../../../core/test/fault/support/seeded.js';
import { SteppedTime } from '../../../core/test/support/stepped-time.js';
import { resolveChanges, type RecordsChangesOptions } from '../../src/changes/changes-options.js';
import { recordChanges } from '../../src/changes/record-changes.js';
import { modelClient, modelRows, type ModelStreamTraits } from '../support/model-client.js';
import { ModelOrg, type Change, type OrgTraits, type Thing } from '../support/model-org.js';

const RUNS = Number(process.env.RXFORCE_FUZZ_RUNS ?? 300);

/** A run: what happens in the org, how it behaves, and when the process dies. */
interface Script {
  readonly traits: OrgTraits;
  readonly seeded: number;
  readonly changes: readonly Change[];
  readonly crashesAtMs: readonly number[];
  readonly pageSize: number;
  readonly pageMs: number;
  readonly lags: readonly number[];
  readonly workMs: number;
}

const unit = fc.double({ min: 0, max: 1, noNaN: true });

const script: fc.Arbitrary<Script> = fc.record({
  traits: fc.record({
    openMs: fc.constantFrom(0, 20_000),
    skewMs: fc.constantFrom(0, 3_000),
    lagMs: fc.constantFrom(0, 60_000),
    replicaMs: fc.constantFrom(0, 5_000),
  }),
  seeded: fc.integer({ min: 0, max: 12 }),
  changes: fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 4_000 }),
      record: fc.integer({ min: 0, max: 14 }),
      kind: fc.constantFrom('write' as const, 'write' as const, 'write' as const, 'delete' as const),
      field: fc.constantFrom('a' as const, 'b' as const),
      value: fc.integer({ min: 0, max: 99 }),
      open: unit,
      skew: unit,
    }),
    { minLength: 5, maxLength: 40 },
  ),
  crashesAtMs: fc.array(fc.integer({ min: 1_000, max: 80_000 }), { maxLength: 2 }),
  pageSize: fc.integer({ min: 1, max: 6 }),
  pageMs: fc.integer({ min: 0, max: 8_000 }),
  lags: fc.array(unit, { minLength: 3, maxLength: 3 }),
  workMs: fc.constantFrom(0, 0, 700),
});

/** What may be wrong with a run, to see that it is found. */
interface Mistakes {
  readonly boasts?: boolean;
  readonly toleranceMs?: number;
  readonly settlesEarly?: boolean;
}

/** The records that a sink has in the end, and those of the org. */
async function run(of: Script, mistakes: Mistakes = {}): Promise<readonly [unknown, unknown]> {
  const time = new SteppedTime();
  const org = new ModelOrg(time, of.traits);
  const store = memoryReplayStore();
  for (let record = 0; record < of.seeded; record++) org.seed(record, { a: record, b: record });
  let at = 0;
  for (const change of of.changes) time.schedule(() => org.change(change), (at += change.afterMs));
  const sink = new Map<string, Partial<Thing>>();
  let reads = 0;
  const lag = () => of.lags[reads++ % of.lags.length] ?? 0;
  const stream: ModelStreamTraits = {
    openMs: 300,
    keepaliveMs: 5_000,
    ...(mistakes.boasts && { boasts: true, openMs: 9_000 }),
  };
  const options: RecordsChangesOptions = {
    replay: { store, name: 'model' },
    rowWindow: 4,
    ...(mistakes.settlesEarly && { settle: 'on-return' }),
  };
  const resolved = resolveChanges(['Thing'], options);
  const { toleranceMs = resolved.known.toleranceMs } = mistakes;
  const live = () => {
    const changes$ = recordChanges<Thing>({
      client: modelClient(org, time, store, stream),
      entities: ['Thing'],
      openRows: modelRows(org, time, { ...of, lag }),
      options: { ...resolved, known: { ...resolved.known, toleranceMs } },
      scheduler: time,
      logger: { warn: () => undefined },
    });
    // A process that died does not write any more.
    let isDead = false;
    const save = (event: ChangeEvent<Thing>) => later(time, of.workMs, () => isDead || write(sink, event));
    const work = mistakes.settlesEarly ? mergeMap(save, 1) : handle(save);
    const subscription = changes$.pipe(work).subscribe({ error: (error: unknown) => errors.push(error) });
    return () => {
      isDead = true;
      subscription.unsubscribe();
    };
  };
  const errors: unknown[] = [];
  let die = live();
  let now = 0;
  for (const crash of [...of.crashesAtMs].sort((one, other) => one - other)) {
    await time.pass(crash - now);
    now = crash;
    die();
    die = live();
  }
  await time.pass(700_000);
  die();
  if (errors.length > 0) throw errors[0] as Error;
  return [entriesOf(sink), entriesOf(org.state())];
}

function later(time: SteppedTime, ms: number, work: () => void): Promise<void> {
  return new Promise((resolve) => {
    time.schedule(() => {
      work();
      resolve();
    }, ms);
  });
}

function write(sink: Map<string, Partial<Thing>>, event: ChangeEvent<Thing>): void {
  for (const recordId of event.header.recordIds) {
    const after = applyChange(sink.get(recordId), event).unwrap();
    if (after === undefined) sink.delete(recordId);
    else sink.set(recordId, after);
  }
}

function entriesOf(records: ReadonlyMap<string, unknown>): unknown {
  return Object.fromEntries([...records].sort(([one], [other]) => (one < other ? -1 : 1)));
}

describe('Records, then every change since', function () {
  this.timeout(300_000);
  const seed = suiteSeed(17);

  const isRight = fc.asyncProperty(script, async (of) => {
    const [sink, org] = await run(of);
    expect(sink).to.deep.equal(org);
  });

  it('give a sink the records of the org in the end, whatever happens meanwhile', async () => {
    await fc.assert(isRight, { numRuns: RUNS, seed });
  });

  /** A property that must not hold. */
  const findsIt = async (mistakes: Mistakes, runs = 1_500) => {
    const property = fc.asyncProperty(script, async (of) => {
      const [sink, org] = await run(of, mistakes);
      expect(sink).to.deep.equal(org);
    });
    const { failed, errorInstance } = await fc.check(property, { numRuns: runs, seed, endOnFailure: true });
    expect(failed, 'no run went wrong').to.equal(true);
    expect(errorInstance).to.have.property('name', 'AssertionError');
  };

  it('would not, if the records were read before the position is known', async () => {
    await findsIt({ boasts: true });
  });

  it('would not, if an event were compared with its record to the second', async () => {
    await findsIt({ toleranceMs: -3_000 });
  });

  it('would not, if a page counted as read before its records are settled', async () => {
    await findsIt({ settlesEarly: true });
  });
});
