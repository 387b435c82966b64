import { expect } from 'chai';
import { SteppedTime } from '../../test/support/stepped-time.js';
import { LeaseError } from '../model/errors.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { Lease } from '../ports/lease.js';
import { LeaseKeeper } from './lease-keeper.js';
import { Bench, KEY } from '../../test/support/lease-bench.js';

const busy = Err(new LeaseError('busy'));
const never = Err(new LeaseError('no right', { retriable: false }));

const pending = <T>(): Promise<T> => new Promise(() => undefined);

describe('LeaseKeeper', () => {
  it('gets the lease, and renews it three times in its time', async () => {
    const { told, calls } = await new Bench().started(900);
    expect(told).to.deep.equal(['0 acquired 1']);
    expect(calls.map((call) => call.replace(/\.\d+/, ''))).to.deep.equal(['0 acquire', '333 renew 1', '666 renew 1']);
  });

  it('asks four times in its time for one that somebody else has, and tells so once', async () => {
    const bench = new Bench();
    bench.onAcquire = () => Ok(bench.calls.length === 4);
    await bench.started(800);
    expect(bench.calls).to.deep.equal(['0 acquire', '250 acquire', '500 acquire', '750 acquire']);
    expect(bench.told).to.deep.equal(['0 standby', '750 acquired 1']);
  });

  it('is had by another within a quarter of its time after its end, when its holder stands still', async () => {
    const time = new SteppedTime();
    const told: string[] = [];
    let endsAt = 0;
    let token = 0;
    const lease: Lease = {
      ttlMs: 1_000,
      acquire: () => {
        if (time.frame < endsAt) return Promise.resolve(undefined);
        endsAt = time.frame + 1_000;
        return Promise.resolve({
          token: ++token,
          renew: () => Promise.resolve(true),
          release: () => Promise.resolve(),
        });
      },
    };
    const keeperOf = (name: string, scheduler: SteppedTime) =>
      new LeaseKeeper({ scheduler, random: () => 1 }, lease, KEY, {
        standby: () => told.push(`${time.frame} ${name} standby`),
        acquired: (held) => told.push(`${time.frame} ${name} acquired ${held}`),
        lost: () => told.push(`${time.frame} ${name} lost`),
        waiting: () => told.push(`${time.frame} ${name} waiting`),
        failed: () => told.push(`${time.frame} ${name} failed`),
      });
    keeperOf('stopped', new SteppedTime()).start();
    // The other one asks just before the end, so that it has to wait for its next turn.
    await time.pass(249);
    keeperOf('other', time).start();
    await time.pass(2_000);
    expect(told.slice(0, 3)).to.deep.equal(['0 stopped acquired 1', '249 other standby', '1249 other acquired 2']);
  });

  it('loses it, when it is told so, and asks for it again at once', async () => {
    const bench = new Bench();
    bench.onRenew = () => Ok(false);
    bench.onAcquire = () => Ok(bench.calls.length === 1);
    await bench.started(400);
    expect(bench.told.map((what) => what.replace(/\.\d+/, ''))).to.deep.equal([
      '0 acquired 1',
      '333 lost',
      '333 standby',
    ]);
  });

  it('has lost it before its time is over, when it cannot be renewed', async () => {
    const bench = new Bench();
    bench.onRenew = () => busy;
    bench.onAcquire = () => (bench.calls.length === 1 ? Ok(true) : Ok(false));
    await bench.started(900);
    expect(bench.told).to.include('800 lost');
    expect(bench.told.filter((what) => what.includes('waiting'))).to.have.length(2);
  });

  it('has lost it before its time is over, when a renewal is not answered, or too late', async () => {
    for (const onRenew of [pending<typeof busy>, (bench: Bench) => later(bench, 850)]) {
      const bench = new Bench();
      bench.onRenew = () => onRenew(bench);
      bench.onAcquire = () => (bench.calls.length === 1 ? Ok(true) : Ok(false));
      await bench.started(1_900);
      expect(bench.told).to.include('800 lost');
      expect(bench.told.filter((what) => what.includes('lost'))).to.have.length(1);
    }
  });

  it('keeps it, when a renewal that failed succeeds in time', async () => {
    const bench = new Bench();
    bench.onRenew = () => (bench.calls.filter((call) => call.includes('renew')).length === 1 ? busy : Ok(true));
    await bench.started(5_000);
    expect(bench.told.filter((what) => what.includes('lost'))).to.deep.equal([]);
  });

  it('gives back what it was given too late', async () => {
    const bench = new Bench();
    bench.onAcquire = () => (bench.calls.length === 1 ? later(bench, 850) : Ok(false));
    await bench.started(900);
    expect(bench.told).to.deep.equal(['850 standby']);
    expect(bench.calls).to.include('850 release 1');
  });

  it('asks again after a pause, when it cannot be asked for, and never seldomer than for one that is taken', async () => {
    const bench = new Bench();
    bench.onAcquire = () => (bench.calls.length < 4 ? busy : Ok(true));
    await bench.started(1_000);
    expect(bench.told).to.deep.equal([
      '0 waiting 1 250 busy',
      '250 waiting 2 250 busy',
      '500 waiting 3 250 busy',
      '750 acquired 1',
    ]);
  });

  it('says that the lease does not answer, and waits for it', async () => {
    const bench = new Bench();
    bench.onAcquire = pending;
    await bench.started(60_000);
    expect(bench.told).to.deep.equal([
      '30000 waiting 1 30000 The lease has not answered for 30 s, and is waited for.',
      '60000 waiting 2 30000 The lease has not answered for 60 s, and is waited for.',
    ]);
  });

  it('fails, when it can never be had, and when it can never be renewed', async () => {
    const bench = new Bench();
    bench.onAcquire = () => never;
    await bench.started(1_000);
    expect(bench.told).to.deep.equal(['0 failed no right']);
    const other = new Bench();
    other.onRenew = () => never;
    await other.started(1_000);
    expect(other.told.map((what) => what.replace(/\.\d+/, ''))).to.deep.equal([
      '0 acquired 1',
      '333 lost',
      '333 failed no right',
    ]);
  });

  it('gives up what it has lost, so that a renewal under way keeps it from nobody', async () => {
    const bench = new Bench();
    bench.onRenew = pending;
    bench.onAcquire = () => Ok(bench.calls.length === 1);
    await bench.started(900);
    expect(bench.calls).to.include('800 release 1');
  });

  describe('retired', () => {
    it('keeps what it has, and renews it, until it is stopped', async () => {
      const bench = await new Bench().started(10);
      bench.keeper.retire();
      await bench.time.pass(2_000);
      expect(bench.calls.filter((call) => call.includes('renew')).length).to.be.above(4);
      await bench.keeper.stop();
      expect(bench.calls.at(-1)).to.equal('2010 release 1');
    });

    it('asks for nothing more, when it has nothing or loses what it has', async () => {
      for (const answer of [Ok(false), Ok(true)]) {
        const bench = new Bench();
        bench.onAcquire = () => answer;
        bench.onRenew = () => Ok(false);
        await bench.started(10);
        bench.keeper.retire();
        await bench.time.pass(5_000);
        expect(bench.calls.filter((call) => call.includes('acquire'))).to.have.length(1);
        expect(bench.timers).to.equal(0);
      }
    });
  });

  describe('stopped', () => {
    it('gives the lease up, asks for nothing more, and leaves no timer', async () => {
      const bench = await new Bench().started(100);
      void bench.keeper.stop();
      await bench.time.pass(5_000);
      expect(bench.calls).to.deep.equal(['0 acquire', '100 release 1']);
      expect([bench.told, bench.timers]).to.deep.equal([['0 acquired 1'], 0]);
    });

    it('gives back what it is given afterwards', async () => {
      const bench = new Bench();
      bench.onAcquire = () => later(bench, 50);
      await bench.started(10);
      void bench.keeper.stop();
      await bench.time.pass(1_000);
      expect(bench.calls).to.deep.equal(['0 acquire', '50 release 1']);
      expect([bench.told, bench.timers]).to.deep.equal([[], 0]);
    });

    it('while it stands by or waits, asks for nothing more', async () => {
      for (const answer of [Ok(false), busy]) {
        const bench = new Bench();
        bench.onAcquire = () => answer;
        await bench.started(10);
        void bench.keeper.stop();
        await bench.time.pass(1_000);
        expect([bench.calls, bench.timers]).to.deep.equal([['0 acquire'], 0]);
      }
    });

    it('inside what it tells, tells nothing more', async () => {
      const bench = new Bench();
      bench.onRenew = () => Ok(false);
      bench.onLost = () => void bench.keeper.stop();
      await bench.started(5_000);
      expect(bench.calls.filter((call) => call.includes('acquire'))).to.have.length(1);
      expect(bench.timers).to.equal(0);
    });
  });

  it('keeps no timers of what is over', async () => {
    const bench = await new Bench().started(100_000);
    expect(bench.timers).to.be.at.most(2);
  });
});

/** Answers yes, after a while. */
function later(bench: Bench, ms: number): Promise<Result<boolean, LeaseError>> {
  return new Promise((resolve) => bench.time.schedule(() => resolve(Ok(true)), ms));
}
