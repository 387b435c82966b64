import { expect } from 'chai';
import fc from 'fast-check';
import { map, merge, timer, type SchedulerLike } from 'rxjs';
import type { ChangeEvent, ChangeType } from '@rxforce/core/model';
import { changeEvent, delivered, runMarbles } from '@rxforce/core/testing';
import { applyChange } from './records/apply-change.js';
import { latestByRecord } from './latest-by-record.js';

describe('latestByRecord', () => {
  it('shows each record all its changes in order, whatever comes, takes or fails when', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 25 }), fc.integer({ min: 1, max: 4 }), (steps, concurrency) => {
        runMarbles(({ scheduler, flush }) => checkRun(steps, concurrency, scheduler, flush));
      }),
      { numRuns: 300 },
    );
  });
});

interface Step {
  readonly at: number;
  readonly ms: number;
  readonly fails: boolean;
  readonly recordIds: string[];
  readonly changeType: ChangeType;
  readonly data: Record<string, number | null>;
}

const VALUE = fc.option(fc.integer({ min: 0, max: 2 }));
const STEP = fc.record<Step>({
  at: fc.integer({ min: 0, max: 40 }),
  ms: fc.integer({ min: 0, max: 9 }),
  fails: fc.boolean().chain((one) => fc.boolean().map((other) => one && other)),
  recordIds: fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 1, maxLength: 2 }),
  changeType: fc.constantFrom('UPDATE', 'UPDATE', 'UPDATE', 'CREATE', 'DELETE', 'GAP_UPDATE'),
  data: fc.record({ A: VALUE, B: VALUE }, { requiredKeys: [], noNullPrototype: true }),
});

const FAILURE = new Error('The work failed.');

function checkRun(steps: readonly Step[], concurrency: number, scheduler: SchedulerLike, flush: () => void): void {
  const sorted = [...steps].sort((one, other) => one.at - other.at);
  const events = sorted.map(({ changeType, recordIds, data }, index) =>
    changeEvent({
      id: String(index),
      changeType,
      recordIds,
      data: changeType === 'UPDATE' ? data : { A: 0, B: 0, ...data },
    }),
  );
  const source = delivered(
    merge(...events.map((event, index) => timer(sorted[index]!.at, scheduler).pipe(map(() => event)))),
    scheduler,
  );
  const started: ChangeEvent[] = [];
  const active: ChangeEvent[] = [];
  const done: ChangeEvent[] = [];
  const project = (event: ChangeEvent) => {
    const { ms, fails } = sorted[Number(event.id)]!;
    expect(active.some((other) => other.header.recordIds.some((id) => event.header.recordIds.includes(id)))).to.equal(
      false,
    );
    started.push(event);
    expect(active.push(event)).to.be.at.most(concurrency);
    return timer(ms, scheduler).pipe(
      map(() => {
        if (fails) throw FAILURE;
        active.splice(active.indexOf(event), 1);
        done.push(event);
      }),
    );
  };
  let error: unknown;
  source.values.pipe(latestByRecord(project, { concurrency })).subscribe({ error: (each: unknown) => (error = each) });
  flush();
  if (error !== undefined && error !== FAILURE) throw error as Error;

  const workOn = ({ id, header }: ChangeEvent) =>
    started.find((work) => keyOf(work) === keyOf({ header }) && Number(work.id) >= Number(id));
  const covered = events.filter((event) => done.includes(workOn(event)!));
  const settled = source.settled.map(({ value }) => value).sort((one, other) => Number(one.id) - Number(other.id));
  expect(settled).to.deep.equal(covered);
  if (error === undefined) expect(settled).to.deep.equal(events);
  for (const record of ['p', 'q', 'r']) {
    const ofRecord = done.filter(({ header }) => header.recordIds.includes(record)).map(({ id }) => Number(id));
    expect(ofRecord).to.deep.equal([...ofRecord].sort((one, other) => one - other));
    expect(stateOf(record, done)).to.deep.equal(stateOf(record, settled));
  }
}

function keyOf({ header }: Pick<ChangeEvent, 'header'>): string {
  return [...header.recordIds].sort().join();
}

/** What a record is after all changes that say what it is. */
function stateOf(record: string, changes: readonly ChangeEvent[]): unknown {
  return changes
    .filter(({ header }) => header.recordIds.includes(record) && header.changeType !== 'GAP_UPDATE')
    .reduce<Record<string, unknown> | undefined>((state, change) => applyChange(state, change).unwrap(), undefined);
}
