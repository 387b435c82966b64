import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { seeded, suiteSeed, times, type Seeded } from '../../../core/test/fault/support/seeded.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { WorkerFleet } from './support/worker-fleet.js';

const RECORDS = 60;
const ROUNDS = times(40);
/** Changes made in each round. */
const CHANGES = 150;

type Action = 'kill' | 'stop' | 'pause' | 'drain';
const ACTIONS: readonly Action[] = ['kill', 'kill', 'stop', 'pause', 'drain'];

describe('order is kept across workers', function () {
  this.timeout(600_000);
  let emulator: Emulator;
  let redis: RedisServer;
  let folder: string;
  let fleet: WorkerFleet;
  const seed = suiteSeed(20_261_130);

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1 });
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'rxforce-workers-'));
    fleet = new WorkerFleet(emulator, redis, join(folder, 'written'), seed);
  });

  afterEach(async () => {
    await fleet.end();
    await redis.stop();
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  it(`in ${ROUNDS} rounds of kills, stops and drains: nothing is lost, nothing skipped, each record ends right`, async () => {
    const random = seeded(seed);
    const { sink } = fleet;
    const records = emulator.org.create(
      'Account',
      Array.from({ length: RECORDS }, (_, index) => ({ Name: `a ${index}`, NumberOfEmployees: 1 })),
    );
    sink.gave(records, 1);
    for (let index = 0; index < 2; index++) fleet.start('reader');
    for (let index = 0; index < 3; index++) fleet.start('worker');
    await fleet.untilWritten(0);
    const done: Record<Action, number> = { kill: 0, stop: 0, pause: 0, drain: 0 };
    let value = 1;
    for (let round = 0; round < ROUNDS; round++) {
      for (let index = 0; index < CHANGES; index++) value = change(emulator, fleet, records, random, value);
      // Somewhere within the events of the round.
      await fleet.untilWritten(random.below(CHANGES));
      const action = random.pick(ACTIONS);
      done[action]++;
      await fleet[action](random.pick(fleet.children));
    }
    await fleet.untilWritten(0);
    console.log(
      `      ${sink.lines.length} lines, ${sink.again} again, ${sink.wrongWithoutVersions()} wrong without versions; ` +
        Object.entries(done)
          .map(([action, count]) => `${action} ${count}`)
          .join(', '),
    );
    expect(sink.skipped, 'skipped').to.deep.equal([]);
    expect(sink.wrongAtEnd(), 'wrong at the end').to.deep.equal([]);
    expect(sink.versionsOutOfOrder(), 'versions').to.deep.equal([]);
    // A reader that came back has appended nothing twice.
    expect(await fleet.entriesTwice()).to.deep.equal([]);
  });
});

/** One change: as a rule of one record, now and then the same change of several. */
function change(
  { org }: Emulator,
  { sink }: WorkerFleet,
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
