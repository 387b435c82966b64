import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fileReplayStore } from '../../src/stores/file-replay-store.js';
import { rejection } from '../support/rejection.js';
import { countOf, ReplayProcess, SHARED_KEY, type ReplayTask } from '../support/replay-process.js';
import { seededSuite } from '../fault/support/seeded.js';

describe('A fileReplayStore of several processes', function () {
  this.timeout(180_000);
  let directory = '';
  let processes: ReplayProcess[] = [];

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'rxforce-replay-'))));

  afterEach(async () => {
    await Promise.all(processes.map((each) => each.kill()));
    processes = [];
    rmSync(directory, { recursive: true, force: true });
  });

  const random = seededSuite(20_261_129);
  const start = (task: ReplayTask) => {
    const started = new ReplayProcess(task);
    processes.push(started);
    return started;
  };
  const lock = () => fileReplayStore(directory).lock!(SHARED_KEY);
  const storedCount = async (where = directory) => countOf(await fileReplayStore(where).load(SHARED_KEY));
  const files = (part: string) => readdirSync(directory).filter((name) => name.includes(part));

  /** Has processes save into one directory, each after the one before was killed. */
  const killTenTimes = async (where: string) => {
    let before = 0;
    for (let round = 0; round < 10; round++) {
      const saver = start({ type: 'save', directory: where });
      await saver.reported(1 + random.below(20));
      await turns(random.below(2_000));
      await saver.kill();
      const last = saver.reports.at(-1);
      const stored = await storedCount(where);
      expect(last).to.have.property('count').that.is.greaterThan(before);
      expect(stored).to.be.at.least(last?.type === 'saved' ? last.count : NaN);
      before = stored;
    }
  };

  it('is readable and not behind what was reported, whenever a process is killed', () =>
    Promise.all(['a', 'b', 'c'].map((name) => killTenTimes(join(directory, name)))));

  it('refuses a position that another process has, until that releases it', async () => {
    const holder = start({ type: 'hold', directory });
    await holder.reported(1);
    const second = start({ type: 'hold', directory });
    expect(await second.reported(1)).to.include({ type: 'refused', code: 'position-in-use' });
    expect(second.reports[0]).to.have.property('message').that.includes(`process ${holder.pid} on host`);
    expect(await second.ended).to.equal(0);
    holder.release();
    expect(await holder.ended).to.equal(0);
    expect(files('.lock.')).to.deep.equal([]);
    await (await lock()).release();
  });

  it('gives the position of a killed process to the next at once', async () => {
    const holder = start({ type: 'hold', directory });
    await holder.reported(1);
    expect(await rejection(lock())).to.have.property('code', 'position-in-use');
    await holder.kill();
    expect(files('.lock.')).to.have.lengthOf(1);
    await (await lock()).release();
    expect(files('.lock.')).to.deep.equal([]);
  });

  it('leaves its position to a process that is stopped, as long as it may go on', async () => {
    const holder = start({ type: 'hold', directory });
    await holder.reported(1);
    holder.signal('SIGSTOP');
    expect(await rejection(lock())).to.have.property('code', 'position-in-use');
    holder.signal('SIGCONT');
    holder.release();
    expect(await holder.ended).to.equal(0);
    await (await lock()).release();
  });

  it('gives a position to one at a time, when many race for it, and loses no save', async () => {
    const log = join(directory, 'log');
    const racers = Array.from({ length: 8 }, () => start({ type: 'race', directory, rounds: 10, log }));
    expect(await Promise.all(racers.map((racer) => racer.ended))).to.deep.equal(racers.map(() => 0));
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(lines).to.have.lengthOf(8 * 10 * 2);
    for (let index = 0; index < lines.length; index += 2) {
      const [enter, leave] = lines.slice(index, index + 2);
      expect(leave).to.equal(enter?.replace('enter', 'leave'));
    }
    expect(await storedCount()).to.equal(8 * 10);
    expect(files('.lock.')).to.deep.equal([]);
  });
});

/** Lets the event loop turn this often. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
