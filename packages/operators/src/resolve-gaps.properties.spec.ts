import { expect } from 'chai';
import fc from 'fast-check';
import { concatMap, map, merge, timer } from 'rxjs';
import type { ChangeEvent } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { ModelOrg, type ModelRecord, type ModelStep } from '../test/support/model-org.js';
import { applyChange } from './records/apply-change.js';
import { resolveGaps } from './resolve-gaps.js';
import { SECOND } from '../test/support/gap-events.js';

describe('resolveGaps', () => {
  describe('with any changes, gaps, overflows and delays', () => {
    const IDS = ['1', '2', '3'];
    const step = (at: fc.Arbitrary<number>): fc.Arbitrary<ModelStep> =>
      fc.record({
        at,
        ids: fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 }),
        change: fc.constantFrom('update', 'update', 'update', 'delete', 'undelete'),
        field: fc.constantFrom('A', 'B'),
        told: fc.constantFrom('as it is', 'as it is', 'as it is', 'as a gap', 'as a gap', 'as an overflow'),
      });
    const delays = fc.array(fc.nat(4_000), { minLength: 1, maxLength: 8 });
    const world = (steps: fc.Arbitrary<ModelStep[]>, replicaLagMs: fc.Arbitrary<number>) =>
      fc.record({
        steps,
        replicaLagMs,
        /** How long each event is on its way. */
        streamDelays: delays,
        /** How long each read takes, and when within that time the record is looked up. */
        readDelays: fc.array(fc.tuple(fc.nat(3_000), fc.nat(3_000)), { minLength: 1, maxLength: 8 }),
        concurrency: fc.constantFrom(1, 2, Infinity),
        /** Whether what is read for an overflow is passed on, or put into the table. */
        passesOn: fc.boolean(),
      });

    type World = typeof world extends (...args: never[]) => fc.Arbitrary<infer W> ? W : never;

    /** Runs the stream through `resolveGaps` into a table, and compares the table with the org. */
    const check = ({ steps, replicaLagMs, streamDelays, readDelays, concurrency, passesOn }: World) =>
      runMarbles(({ scheduler, flush }) => {
        const org = new ModelOrg('Lead', IDS);
        [...steps].sort((a, b) => a.at - b.at).forEach((each) => org.do(each));
        let reading = 0;
        const read = <R>(look: (time: number) => R) => {
          const [before, behind] = readDelays[reading++ % readDelays.length]!;
          const looked = timer(before).pipe(map(() => look(scheduler.now() - replicaLagMs)));
          return looked.pipe(concatMap((found) => timer(behind).pipe(map(() => found))));
        };
        let time = 0;
        const arrivals = org.events.map(({ at, event: each }, index) => {
          time = Math.max(time, at + streamDelays[index % streamDelays.length]!);
          return timer(time).pipe(map(() => each));
        });
        const source = delivered(merge(...arrivals), scheduler);
        const table = new Map<string, Partial<ModelRecord>>();
        const put = (id: string, record: Partial<ModelRecord> | undefined) => {
          if (record) table.set(id, record);
          else table.delete(id);
        };
        const seen: ChangeEvent<ModelRecord>[] = [];
        const resolved = source.values.pipe(
          resolveGaps<ModelRecord>(({ recordId }) => read((at) => org.recordAt(recordId, at)), {
            concurrency,
            staleDelayMs: 2_500,
            onOverflow: () => {
              const found = read((at) => IDS.map((recordId) => ({ recordId, record: org.recordAt(recordId, at) })));
              if (passesOn) return found.pipe(concatMap((records) => records));
              return found.pipe(map((records) => records.forEach(({ recordId, record }) => put(recordId, record))));
            },
          }),
        );
        let end: unknown;
        resolved.subscribe({
          next: (each) => {
            seen.push(each);
            for (const id of each.header.recordIds) {
              const record = applyChange(table.get(id), each);
              if (record.err) throw record.val;
              put(id, record.val);
            }
          },
          error: (error: unknown) => (end = error),
          complete: () => (end = 'complete'),
        });
        flush();
        expect(end).to.equal('complete');
        const events = org.events.map(({ event: each }) => each);
        expect(source.settled).to.have.length(events.length);
        expect(source.unsettled()).to.deep.equal([]);
        for (const id of IDS) {
          expect(table.get(id)).to.deep.equal(org.recordAt(id, Infinity));
          const order = seen
            .filter(({ header }) => header.recordIds.includes(id))
            .map((each) => events.findIndex((other) => other.id === each.id));
          expect(order).to.deep.equal([...new Set(order)].sort((a, b) => a - b));
        }
      });

    it('gives the true records in the end, settles each event once, and keeps the order of each record', () => {
      const steps = fc.array(step(fc.integer({ min: 1, max: 12_000 })), { maxLength: 25 });
      fc.assert(fc.property(world(steps, fc.constant(0)), check), { numRuns: 500 });
    });

    it('does so where reads lag, as long as the retries outlast the lag', () => {
      // One change a second: what a read of the same second lacks cannot be told.
      const times = fc.uniqueArray(fc.integer({ min: 1, max: 25 }), { maxLength: 20 });
      const steps = times.chain((seconds) =>
        fc.tuple(...seconds.map((second) => step(fc.constant(second * SECOND)))).map((all) =>
          // An overflow is read once: how far back is for its reader to know.
          all.map((each) => (each.told === 'as an overflow' ? { ...each, told: 'as a gap' as const } : each)),
        ),
      );
      fc.assert(fc.property(world(steps, fc.nat(5_000)), check), { numRuns: 500 });
    });
  });
});
