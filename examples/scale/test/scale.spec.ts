import { expect } from 'chai';
import { redisBinary } from '../../../packages/replay-redis/test/support/redis-binary.js';
import { runExample } from '../../../test/support/example.js';

describe('The example of scale-out', function () {
  this.timeout(270_000);

  it('loses nothing and keeps the order of each record, while readers and workers come and go', async () => {
    await redisBinary();
    const scripts = ['main.ts', 'reader.ts', 'worker.ts'].map((name) => new URL(`../src/${name}`, import.meta.url));
    // Other suites keep the machine busy, and who gets no turn for 500 ms loses a lease of 1.5 s.
    const environment = { RXFORCE_LEASE_MS: '6000' };
    const stdout = await runExample({ scripts, environment, timeoutMs: 250_000 });
    expect(stdout.match(/ partitions is read by one worker\n/g)).to.have.length(5);
    expect(stdout.match(/ was killed/g)).to.have.length(2);
    expect(stdout).to.match(/ 0 lost, 0 out of order, \d+ written again/);
    expect(stdout).to.match(/ 60 accounts, 0 of them wrong\nOK\n$/);
  });
});
