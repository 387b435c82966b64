import { seeded, suiteSeed, times } from '../../../packages/core/test/fault/support/seeded.js';
import { change, countsOf, createRecords, expectWhole, shuffled, summaryOf } from './order-is-kept.js';
import { PARTITIONS, WorkerFleet } from './worker-fleet.js';
import type { WorkersEngine } from './workers-engine.js';

/** Changes made before and while members come and go. */
const CHANGES = 60;
/** There is always one left. */
const WORKERS = 3;

type Action = 'join' | 'leave' | 'crash';
/** What is done in four rounds, in an order that is drawn. */
const ACTIONS: readonly Action[] = ['join', 'join', 'leave', 'crash'];

/**
 * A suite: members join, leave and crash while events flow. Nothing is lost or skipped, and the partitions are always
 * shared out among all who are there.
 *
 * @param usual - How often all of the actions are done, where nobody asks for more.
 */
export function noLossAcrossRebalances(engine: WorkersEngine, usual: number): void {
  describe(`no loss across rebalances, on ${engine.name}`, function () {
    this.timeout(3_600_000);
    let fleet: WorkerFleet;
    const seed = suiteSeed(20_261_203);
    const decks = times(usual);

    beforeEach(async () => {
      fleet = await WorkerFleet.start(engine, seed);
    });

    afterEach(() => fleet.end());

    const rounds = decks * ACTIONS.length;
    it(`when members come and go ${rounds} times: nothing is lost or skipped, all partitions are shared out`, async () => {
      const random = seeded(seed);
      const records = createRecords(fleet);
      const actions = Array.from({ length: decks }, () => shuffled(ACTIONS, random)).flat();
      let value = 1;
      const changes = () => {
        for (let index = 0; index < CHANGES; index++) value = change(fleet, records, random, value);
      };
      fleet.start('reader');
      for (let index = 0; index < WORKERS; index++) fleet.start('worker');
      await fleet.untilWritten(0);
      for (const action of actions) {
        changes();
        await fleet.untilWritten(random.below(CHANGES));
        if (action === 'join') fleet.start('worker');
        else await fleet[action](random.pick(fleet.of('worker')));
        // While the partitions move.
        changes();
        await fleet.until(() => isSharedOut(fleet));
      }
      await fleet.untilWritten(0);
      console.log(`      ${summaryOf(fleet)}; ${countsOf(actions)}`);
      await expectWhole(fleet);
    });
  });
}

/**
 * Whether each worker knows all of them, each partition is assigned to one of them, and the shares differ by one at
 * most. What the workers said last may be of different moments: one that got no turn is no member for a while.
 */
function isSharedOut(fleet: WorkerFleet): boolean {
  const workers = fleet.of('worker');
  const shares = workers.map(({ assigned }) => assigned);
  if (shares.some((share) => share?.members !== workers.length)) return false;
  const partitions = shares.flatMap((share) => share?.partitions ?? []).sort((one, other) => one - other);
  if (partitions.length !== PARTITIONS || partitions.some((partition, index) => partition !== index)) return false;
  const sizes = shares.map((share) => share?.partitions.length ?? 0);
  return Math.max(...sizes) - Math.min(...sizes) <= 1;
}
