import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import type { HandlerJob } from './support/handler-process.js';
import { runHandler } from './support/run-handler.js';
import { seeded, suiteSeed, times } from './support/seeded.js';

const TOPIC = '/data/AccountChangeEvent';
const WINDOW = 50;
const KILLS = times(50);
const KILLS_AT_ANY_TIME = times(20);

describe('no loss across crashes', function () {
  this.timeout(600_000);
  let emulator: Emulator;
  let folder: string;
  const seed = suiteSeed(20_261_123);

  beforeEach(async () => {
    emulator = await startEmulator({ seed: 1 });
    folder = await mkdtemp(join(tmpdir(), 'rxforce-crash-'));
  });

  afterEach(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  const jobOf = (name: string, handler: HandlerJob['handler']) => ({
    replayFolder: join(folder, 'replay'),
    outputFile: join(folder, name),
    window: WINDOW,
    handler,
  });
  const make = (count: number) => {
    for (let index = 0; index < count; index++) emulator.org.create('Account', { Name: `account ${index}` });
  };

  it('handles every event, and at most a window of them again, when the process is killed again and again', async () => {
    const random = seeded(seed);
    let reached = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      make(300);
      const handler = random.pick(['sync', 'async'] as const);
      const { ids, signal, stderr } = await runHandler(emulator, jobOf(`out-${kill}`, handler), {
        afterEvents: 1 + random.below(300),
      });
      expect(signal, stderr).to.equal('SIGKILL');
      reached = follows(ids, reached, `kill ${kill}`);
    }
    const left = emulator.log(TOPIC).length - reached;
    const { ids } = await runHandler(emulator, jobOf('out', 'sync'), { afterEvents: left });
    expect(follows(ids, reached, 'the last')).to.be.at.least(reached + left - WINDOW);
  });

  it('handles every event, when the process is killed at any time, also while it starts, with work in any order', async () => {
    const random = seeded(seed + 1);
    const handled = new Set<string>();
    for (let kill = 0; kill < KILLS_AT_ANY_TIME; kill++) {
      make(100);
      const job = jobOf(`scattered-${kill}`, { seed: seed + kill });
      // A process takes about half a second to start here, so some of them never get to handle an event.
      const { ids, signal, stderr } = await runHandler(emulator, job, { afterMs: 300 + random.below(900) });
      expect(signal, stderr).to.equal('SIGKILL');
      ids.forEach((id) => handled.add(id));
    }
    make(50);
    const missing = emulator.log(TOPIC).flatMap(({ id }) => (handled.has(id) ? [] : [id]));
    const { ids } = await runHandler(emulator, jobOf('last', { seed }), { afterAll: missing });
    expect(ids).to.include.members(missing);
  });

  it('does not commit the event whose handler ends the process by what it throws', async () => {
    make(100);
    const [first, poison] = [0, 59].map((index) => emulator.log(TOPIC)[index]?.id);
    const { ids, exitCode, stderr } = await runHandler(emulator, jobOf('died', { diesAt: 60 }), {
      afterEvents: Infinity,
    });
    expect(exitCode, stderr).to.equal(1);
    expect(stderr).to.include(`died at ${poison}`);
    expect(ids).to.include(first).and.not.to.include(poison);
    const rest = await runHandler(emulator, jobOf('restarted', 'sync'), { afterEvents: WINDOW });
    expect(rest.ids).to.include(poison);
  });

  /** The events of one life are a piece of the log, without a hole, that begins a window before `reached` at most. */
  function follows(ids: readonly string[], reached: number, because: string): number {
    const log = emulator.log(TOPIC).map(({ id }) => id);
    const start = log.indexOf(ids[0] ?? '');
    expect(start, `${because}: begins behind what is missing`).to.be.within(Math.max(0, reached - WINDOW), reached);
    expect(ids, `${because}: order`).to.deep.equal(log.slice(start, start + ids.length));
    return Math.max(reached, start + ids.length);
  }
});
