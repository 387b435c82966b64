import { inspect } from 'node:util';
import { expect } from 'chai';
import { LeaseError } from '../model/errors.js';
import { Err, Ok } from '../model/result.js';
import { Bench } from '../../test/support/lease-bench.js';

describe('LeaseKeeper', () => {
  const complete = { token: 1, renew: () => true, release: () => undefined };
  for (const answer of [
    false,
    true,
    {},
    'lease',
    { token: 1 },
    { token: '1', renew: 0, release: 0 },
    { ...complete, token: 1.5 },
    new Error('no'),
    Ok(undefined),
    Ok(complete),
    Err(new LeaseError('busy')),
    { ok: true, err: false, val: undefined },
  ]) {
    it(`fails for good, when acquire gives ${inspect(answer)}`, async () => {
      const bench = new Bench();
      bench.acquireGives = { answer };
      await bench.started(10_000);
      expect(bench.told).to.have.length(1);
      expect(bench.told[0]).to.match(
        /^0 failed acquire\(\) of the lease resolved with .* must resolve with \{ token, renew, release \}/,
      );
      expect(bench.timers).to.equal(0);
    });
  }

  for (const value of [undefined, null]) {
    it(`stands by, when acquire gives ${value}`, async () => {
      const bench = new Bench();
      bench.acquireGives = { answer: value };
      await bench.started();
      expect(bench.told).to.deep.equal(['0 standby']);
      await bench.keeper.stop();
    });
  }

  it('says what to resolve now, when acquire gives a result, and releases the lease in it', async () => {
    const bench = new Bench();
    let releases = 0;
    bench.acquireGives = { answer: Ok({ ...complete, release: () => (releases += 1) }) };
    await bench.started();
    expect(bench.told[0]).to.match(/resolved with an instance of \w+, but .* Results are of an older contract/);
    expect(releases).to.equal(1);
  });

  for (const answer of [
    undefined,
    null,
    'yes',
    1,
    {},
    new Error('no'),
    Ok(true),
    Ok(false),
    Err(new LeaseError('busy')),
  ]) {
    it(`loses the lease and fails for good, when renew gives ${inspect(answer)}`, async () => {
      const bench = new Bench();
      bench.renewGives = { answer };
      await bench.started(10_000);
      expect(bench.told.slice(0, 2)).to.deep.equal(['0 acquired 1', `${bench.told[1]?.split(' ')[0]} lost`]);
      expect(bench.told[2]).to.match(/failed renew\(\) of the lease resolved with .* must resolve with true, or false/);
      expect(bench.timers).to.equal(0);
    });
  }

  for (const [thrown, reason] of [
    [new Error('socket'), 'socket'],
    ['socket', 'socket'],
    [undefined, 'undefined'],
    [Object.create(null), 'it cannot be printed'],
  ] as const) {
    it(`takes a renewal that rejects with ${inspect(thrown)} for one that failed, and may pass`, async () => {
      const bench = new Bench();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as a lease of somebody else's might
      bench.onRenew = () => Promise.reject(thrown);
      await bench.started(400);
      expect(bench.told[1]).to.match(new RegExp(`waiting 1 250 The lease failed: ${reason}$`));
    });
  }

  for (const release of [
    () => {
      throw new Error('sync');
    },
    () => Promise.reject(new Error('async')),
    () => undefined,
  ]) {
    it(`ends in peace, when release does ${String(release).replace(/\s+/g, ' ')}`, async () => {
      const bench = new Bench();
      bench.acquireGives = { answer: { token: 1, renew: () => true, release } };
      await bench.started();
      await bench.keeper.stop();
      expect(bench.told).to.deep.equal(['0 acquired 1']);
    });
  }

  it('gives up a lease whose time is over, when the thread stood still and no timer has told', async () => {
    const bench = new Bench();
    bench.onAcquire = () => {
      if (bench.time.frame === 0) bench.time.frame = 800;
      return Ok(true);
    };
    await bench.started();
    expect(bench.calls).to.deep.equal(['0 acquire', '800 release 1']);
    expect(bench.told).to.deep.equal(['800 standby']);
    await bench.keeper.stop();
  });

  it('takes a lease that throws for one that failed', async () => {
    const bench = new Bench();
    bench.acquireThrows = new Error('sync');
    await bench.started();
    expect(bench.told).to.deep.equal(['0 waiting 1 250 The lease failed: sync']);
    await bench.keeper.stop();
  });

  it('takes a lease that rejects for one that failed', async () => {
    const bench = new Bench();
    bench.onAcquire = () => (bench.calls.length === 1 ? Promise.reject(new Error('broken')) : Ok(true));
    await bench.started(300);
    expect(bench.told).to.deep.equal(['0 waiting 1 250 The lease failed: broken', '250 acquired 1']);
  });
});
