import { expect } from 'chai';
import { seeded, suiteSeed, times, type Seeded } from '../../../packages/core/test/fault/support/seeded.js';
import { WorkerFleet } from './worker-fleet.js';
import type { WorkersEngine } from './workers-engine.js';

const RECORDS = 60;
/** Changes made in each round. */
const CHANGES = 150;

type Action = 'kill' | 'stop' | 'pause' | 'drain' | 'restart';
/** What is done in five rounds, in an order that is drawn. In a sixth one, an engine that keeps all is restarted. */
const ACTIONS: readonly Action[] = ['kill', 'kill', 'stop', 'pause', 'drain'];

/**
 * A suite: readers and workers are killed, stopped and drained, and each record still has all of its values, in order.
 *
 * @param usual - How often all of the actions are done, where nobody asks for more.
 */
export function orderIsKeptAcrossWorkers(engine: WorkersEngine, usual: number): void {
  describe(`order is kept across workers, on ${engine.name}`, function () {
    this.timeout(3_600_000);
    let fleet: WorkerFleet;
    const seed = suiteSeed(20_261_130);
    const decks = times(usual);

    beforeEach(async () => {
      fleet = await WorkerFleet.start(engine, seed);
    });

    afterEach(() => fleet.end());

    it(`in ${decks * ACTIONS.length} kills, stops and drains: nothing is lost or skipped, each record ends right`, async () => {
      const random = seeded(seed);
      const records = createRecords(fleet);
      for (let index = 0; index < 2; index++) fleet.start('reader');
      for (let index = 0; index < 3; index++) fleet.start('worker');
      await fleet.untilWritten(0);
      const deck: readonly Action[] = fleet.canRestart ? [...ACTIONS, 'restart'] : ACTIONS;
      const actions = Array.from({ length: decks }, () => shuffled(deck, random)).flat();
      let value = 1;
      for (const action of actions) {
        for (let index = 0; index < CHANGES; index++) value = change(fleet, records, random, value);
        // Somewhere within the events of the round.
        await fleet.untilWritten(random.below(CHANGES));
        await fleet[action](random.pick(fleet.children));
      }
      await fleet.untilWritten(0);
      console.log(`      ${summaryOf(fleet)}; ${countsOf(actions)}`);
      await expectWhole(fleet);
    });
  });
}

/** Makes the records of the org, which have the value 1. */
export function createRecords({ emulator, sink }: WorkerFleet): readonly string[] {
  const records = emulator.org.create(
    'Account',
    Array.from({ length: RECORDS }, (_, index) => ({ Name: `a ${index}`, NumberOfEmployees: 1 })),
  );
  sink.gave(records, 1);
  return records;
}

/** One change: as a rule of one record, now and then the same change of several. Returns the value. */
export function change(
  { emulator: { org }, sink }: WorkerFleet,
  records: readonly string[],
  random: Seeded,
  last: number,
): number {
  const value = last + 1;
  const count = random.next() < 0.1 ? 2 + random.below(5) : 1;
  const ids = [...new Set(Array.from({ length: count }, () => random.pick(records)))];
  org.update('Account', ids, { NumberOfEmployees: value });
  sink.gave(ids, value);
  return value;
}

/** Nothing is lost and nothing skipped, and the log has each entry once. */
export async function expectWhole(fleet: WorkerFleet): Promise<void> {
  const { sink } = fleet;
  expect(sink.missing(), 'lost').to.equal(0);
  expect(sink.skipped, 'skipped').to.deep.equal([]);
  expect(sink.wrongAtEnd(), 'wrong at the end').to.deep.equal([]);
  expect(sink.versionsOutOfOrder(), 'versions').to.deep.equal([]);
  // A reader that came back has appended nothing twice.
  expect(await fleet.entriesTwice(), 'twice in the log').to.deep.equal([]);
}

/** What was written, in a line. */
export function summaryOf({ sink }: WorkerFleet): string {
  const { lines, again, skipped } = sink;
  const late = `${sink.wrongWithoutVersions()} wrong without versions`;
  return `${lines.length} lines, ${again} again, ${skipped.length} skipped, ${late}`;
}

/** How often each action was done. */
export function countsOf(actions: readonly string[]): string {
  const names = [...new Set(actions)].sort();
  return names.map((name) => `${name} ${actions.filter((each) => each === name).length}`).join(', ');
}

/** The same items, in an order that is drawn. */
export function shuffled<T>(items: readonly T[], random: Seeded): readonly T[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T);
}
