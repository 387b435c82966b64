import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { redisBinary } from '../../../packages/replay-redis/test/support/redis-binary.js';

describe('The example of replicas', function () {
  this.timeout(180_000);

  it('takes over from the one that is killed and from the one that ends, and loses nothing', async () => {
    await redisBinary();
    const script = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const args = ['--conditions=rxforce-source', '--import=tsx', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
    expect(stdout.match(/: acquired/g)).to.have.length(3);
    expect(stdout).to.match(/3000 changes, \d+ of them handled again after the kill, 0 lost\n/);
    expect(Number(/takes (\d+) bytes/.exec(stdout)?.[1])).to.be.within(1, 199);
    expect(stdout).to.match(/\nOK\n$/);
  });
});
