import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { clientOf } from '../support/emulated.js';
import { keep } from '../support/keep.js';
import type { HandlerJob } from './support/handler-process.js';
import { runHandler } from './support/run-handler.js';
import { seeded, suiteSeed, times } from './support/seeded.js';
import { until } from './support/wait-for.js';

const TOPIC = '/data/AccountChangeEvent';
const WINDOW = 50;
const KILLS = times(10);

describe('managed subscriptions lose nothing', function () {
  this.timeout(600_000);
  let emulator: Emulator;
  let folder: string;
  let id: string;
  const seed = suiteSeed(20_261_126);

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1 });
    folder = await mkdtemp(join(tmpdir(), 'rxforce-managed-'));
    ({ id } = emulator.managedSubscriptions.create('Account_Sync', { topicName: TOPIC, defaultReplay: 'EARLIEST' }));
  });

  afterEach(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  const make = (count: number) => {
    for (let index = 0; index < count; index++) emulator.org.create('Account', { Name: `account ${index}` });
  };
  const jobOf = (name: string, handler: HandlerJob['handler']) => ({
    managed: 'Account_Sync',
    outputFile: join(folder, name),
    window: WINDOW,
    handler,
  });

  it('when the process is killed again and again: the next one goes on at the position that the service has', async () => {
    const random = seeded(seed);
    let reached = 0;
    let committed = -1;
    for (let kill = 0; kill < KILLS; kill++) {
      make(200);
      const job = jobOf(`out-${kill}`, random.pick(['sync', 'async'] as const));
      const { ids, signal, stderr } = await runHandler(emulator, job, { afterEvents: 1 + random.below(200) });
      const because = `kill ${kill}: ${stderr}`;
      expect(signal, because).to.equal('SIGKILL');
      const log = emulator.log(TOPIC);
      const start = log.findIndex((entry) => entry.id === ids[0]);
      expect(start, `${because}: behind the position that the service had`).to.equal(committed + 1);
      // Commits that were on their way when it was killed still count.
      await until(() => !emulator.managedSubscriptions.isTaken(id));
      const position = emulator.managedSubscriptions.committed(id);
      committed = log.findIndex(({ replayId }) => replayId === position);
      // What had no commit comes again, and no more than a window of it.
      expect(start, because).to.be.within(Math.max(0, reached - WINDOW), reached);
      expect(ids, because).to.deep.equal(log.slice(start, start + ids.length).map((entry) => entry.id));
      reached = Math.max(reached, start + ids.length);
    }
  });

  it('when the process is killed at any time, with work in any order', async () => {
    const random = seeded(seed + 1);
    const handled = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      make(100);
      const { ids } = await runHandler(emulator, jobOf(`scattered-${kill}`, { seed: seed + kill }), {
        afterMs: 300 + random.below(900),
      });
      ids.forEach((each) => handled.add(each));
    }
    // Whatever the others got done, there is something left for the last one.
    make(50);
    const missing = emulator.log(TOPIC).flatMap((entry) => (handled.has(entry.id) ? [] : [entry.id]));
    const { ids } = await runHandler(emulator, jobOf('last', { seed }), { afterAll: missing });
    expect(ids).to.include.members(missing);
  });

  it('nor hand anything out twice, when streams break and commits fail', async () => {
    const random = seeded(seed + 2);
    const client = clientOf(emulator, { logger: { warn: () => undefined } });
    const ids: string[] = [];
    const failedCommits: string[] = [];
    client.status$.subscribe((status) => {
      if (status.type === 'commitFailed') failedCommits.push(status.cause.code);
    });
    client
      .managed('Account_Sync', { topic: TOPIC, window: WINDOW, commitIntervalMs: 5 })
      .pipe(
        keep((event, held) => {
          ids.push(event.id);
          setTimeout(() => held.release(), random.below(5));
        }),
      )
      .subscribe();
    const faults = [
      () => emulator.faults.dropStreams(),
      () => emulator.faults.endStreams(),
      () => emulator.faults.failStreams({ status: 'INTERNAL', errorCode: 'service.unavailable' }),
      () => emulator.faults.failCommits({ times: 3 }),
      () => emulator.faults.expireSessions({ cutExpired: true }),
    ];
    for (let round = 0; round < 10; round++) {
      make(100);
      await until(() => ids.length > round * 100 + random.below(100));
      random.pick(faults)();
    }
    emulator.faults.failCommits({ times: 1 });
    make(1);
    const log = emulator.log(TOPIC);
    await until(() => emulator.managedSubscriptions.committed(id) === log.at(-1)?.replayId);
    expect(ids).to.deep.equal(log.map((entry) => entry.id));
    expect(new Set(failedCommits)).to.deep.equal(new Set(['commit-refused']));
    client.close();
  });
});
