import { expect } from 'chai';
import { Simulation } from '../scripts/simulate/simulation.js';

const PARTITIONS = 60;
const TTL_MS = 10_000;
/** How exactly the simulation looks. */
const STEP_MS = 100;

describe('The simulation of workers that share a log', function () {
  this.timeout(120_000);

  it('shares out evenly, and leaves no partition unread for longer than a lease and a try for it', async () => {
    const simulation = new Simulation({ partitions: PARTITIONS, workers: 12, ttlMs: TTL_MS });
    const start = await simulation.start();
    expect(start.shares).to.deep.equal([5, 5]);

    const quiet = await simulation.quiet();
    expect(quiet).to.deep.include({ moved: 0, longestWithoutMs: 0 });
    // Three renewals of each lease in its time, and nothing else.
    expect(quiet.calls.renew).to.be.closeTo((PARTITIONS * 3) / (TTL_MS / 1000), 1);
    expect(quiet.calls.acquire).to.equal(0);

    const comes = await simulation.comes();
    expect(comes.shares).to.deep.equal([4, 5]);
    expect(comes.longestWithoutMs).to.be.at.most(TTL_MS / 4 + 2 * STEP_MS);

    const dies = await simulation.die(1);
    expect(dies.shares).to.deep.equal([5, 5]);
    expect(dies.longestWithoutMs).to.be.within(TTL_MS / 3, TTL_MS * 1.25 + 2 * STEP_MS);
    simulation.close();
  });
});
