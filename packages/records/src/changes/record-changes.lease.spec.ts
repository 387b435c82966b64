import { expect } from 'chai';
import { PositionInUseError } from '@rxforce/core';
import { ChangesBench, CONNECTING, KEY } from '../../test/support/changes-bench.js';
import { at } from '../../test/support/scripted-client.js';

describe('recordChanges', () => {
  let bench: ChangesBench;

  beforeEach(() => {
    bench = new ChangesBench();
  });

  describe('with a lease', () => {
    const ACQUIRED = { type: 'acquired', token: 7 } as const;

    it('reads only while the lease is held, and goes on when it is held again', async () => {
      const fences: unknown[] = [];
      const { save } = bench.store;
      bench.store = {
        ...bench.store,
        save: (key, position, fence) => {
          if (key.name === KEY.name) fences.push(fence);
          return save(key, position, fence);
        },
      };
      const { stream } = bench.subscribe({ queryLagMs: 0 }, ['Account'], 100);
      stream().tell({ type: 'standby' });
      await bench.time.pass(1_000);
      expect(bench.asked).to.deep.equal([]);
      stream().tell(ACQUIRED);
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(215);
      stream().tell({ type: 'lost' });
      await bench.time.pass(1_000);
      expect(await bench.state()).to.include({ phase: 'reading', cursor: '2' });
      bench.asked.length = 0;
      stream().tell({ type: 'acquired', token: 9 });
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(2_000);
      expect(bench.asked[0]).to.equal('2');
      expect(await bench.state()).to.include({ phase: 'done' });
      expect([fences[0], fences.at(-1)]).to.deep.equal([7, 9]);
      expect(bench.errors).to.deep.equal([]);
    });

    it('begins no work on records that waited for it, when the lease is lost meanwhile', async () => {
      const { stream } = bench.subscribe({ queryLagMs: 0 }, ['Account'], 100);
      stream().tell(ACQUIRED);
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(50);
      stream().tell({ type: 'lost' });
      await bench.time.pass(2_000);
      expect([bench.seen, bench.errors]).to.deep.equal([['a1'], []]);
    });

    it('waits for the lease, when another replica has the state', async () => {
      const refuse = () => Promise.reject(new PositionInUseError('another holds it'));
      bench.store = { ...bench.store, save: refuse };
      const { stream } = bench.subscribe({ queryLagMs: 0 });
      stream().tell(ACQUIRED);
      stream().tell({ ...CONNECTING, from: at('p') });
      await bench.time.pass(1_000);
      expect([bench.errors, bench.seen]).to.deep.equal([[], []]);
    });
  });
});
