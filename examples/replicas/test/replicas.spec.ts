import { expect } from 'chai';
import { redisBinary } from '../../../packages/replay-redis/test/support/redis-binary.js';
import { runExample } from '../../../test/support/example.js';

describe('The example of replicas', function () {
  this.timeout(180_000);

  it('takes over from the one that is killed and from the one that ends, and loses nothing', async () => {
    await redisBinary();
    const scripts = ['main.ts', 'replica.ts'].map((name) => new URL(`../src/${name}`, import.meta.url));
    const stdout = await runExample({ scripts, timeoutMs: 150_000 });
    // On a machine that is too slow for the time of the lease, it passes on more often.
    expect(stdout.match(/: acquired/g)).to.have.length.of.at.least(3);
    expect(stdout).to.match(/3000 changes, \d+ of them handled again after the kill, 0 lost\n/);
    expect(Number(/takes (\d+) bytes/.exec(stdout)?.[1])).to.be.within(1, 199);
    expect(stdout).to.match(/\nOK\n$/);
  });
});
