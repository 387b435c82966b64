import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { redisBinary } from '../../../packages/replay-redis/test/support/redis-binary.js';
import { bundled, localEnvironment } from '../../../test/support/bundled.js';
import { runExample } from '../../../test/support/example.js';

const SCRIPTS = ['main.ts', 'replica.ts'].map((name) => new URL(`../src/${name}`, import.meta.url));

describe('The example of replicas', function () {
  this.timeout(180_000);

  it('takes over from the one that is killed and from the one that ends, and loses nothing', async () => {
    await redisBinary();
    const stdout = await runExample({ scripts: SCRIPTS, timeoutMs: 150_000 });
    // On a machine that is too slow for the time of the lease, it passes on more often.
    expect(stdout.match(/: acquired/g)).to.have.length.of.at.least(3);
    expect(stdout).to.match(/3000 changes, \d+ of them handled again after the kill, 0 lost\n/);
    expect(Number(/takes (\d+) bytes/.exec(stdout)?.[1])).to.be.within(1, 199);
    expect(stdout).to.match(/\nOK\n$/);
  });

  it('leaves neither its replicas nor its server behind, when it is killed', async () => {
    await redisBinary();
    const args = SCRIPTS.map((script) => bundled(script));
    const example = spawn(process.execPath, args, { env: localEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    example.stderr.resume();
    const isOver = once(example, 'close');
    for await (const line of createInterface(example.stdout)) if (line.includes(': acquired')) break;
    example.stdout.resume();
    example.kill('SIGKILL');
    // All that it has started writes to its outputs, which are closed once nobody has them any more.
    await isOver;
  });
});
