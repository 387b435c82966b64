import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { Fifo } from './fifo.js';

describe('Fifo', () => {
  it('gives what an array gives', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: -900, max: -1 }))), (steps) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        let next = 0;
        for (const step of steps) {
          for (let index = 0; index < step; index++) ([fifo, model].forEach((queue) => queue.push(next)), next++);
          for (let index = 0; index < -step; index++) expect(fifo.shift()).to.equal(model.shift());
          expect(fifo.size).to.equal(model.length);
          expect(fifo.peek()).to.equal(model[0]);
        }
        expect(fifo.takeAll()).to.deep.equal(model);
        expect(fifo.size).to.equal(0);
      }),
    );
  });

  it('does not keep what was taken alive', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const fifo = new Fifo<object>();
    const taken = Array.from({ length: 3 }, () => {
      fifo.push({});
      return new WeakRef(fifo.shift()!);
    });
    // A WeakRef lives to the end of the turn it was made in.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(taken.map((ref) => ref.deref())).to.deep.equal([undefined, undefined, undefined]);
  });
});
