import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { KeyedQueue } from './keyed-queue.js';

describe('KeyedQueue', () => {
  it('is first come, first served, for items without keys', () => {
    const queue = new KeyedQueue<string>();
    ['a', 'b', 'c'].forEach((item) => queue.add(item, []));
    expect([queue.take()?.item, queue.take()?.item, queue.take()?.item, queue.take()]).to.deep.equal([
      'a',
      'b',
      'c',
      undefined,
    ]);
  });

  it('lets an item wait for all before it that share one of its keys', () => {
    const queue = new KeyedQueue<string>();
    queue.add('x', ['x']);
    queue.add('y', ['y']);
    queue.add('xy', ['x', 'y', 'x']);
    queue.add('x again', ['x']);
    const [x, y] = [queue.take(), queue.take()];
    expect(queue.take()).to.equal(undefined);
    y?.finish();
    expect(queue.take()).to.equal(undefined);
    x?.finish();
    const both = queue.take();
    expect(both?.item).to.equal('xy');
    expect(queue.take()).to.equal(undefined);
    both?.finish();
    expect(queue.take()?.item).to.equal('x again');
  });

  describe('lastWaiting', () => {
    it('is the last item that waits and has exactly these keys, in whatever order and however often they are named', () => {
      const queue = new KeyedQueue<string>();
      queue.add('x', ['x']);
      queue.add('x again', ['x']);
      queue.add('yz', ['y', 'z', 'y']);
      expect(queue.lastWaiting(['x'])).to.equal('x again');
      expect(queue.lastWaiting(['z', 'y', 'z'])).to.equal('yz');
      for (const keys of [[], ['y'], ['z'], ['x', 'y'], ['y', 'z', 'x'], ['other'], ['y', 'z', 'other']]) {
        expect(queue.lastWaiting(keys), keys.join()).to.equal(undefined);
      }
    });

    it('is nothing, when the last that shares a key has others', () => {
      const queue = new KeyedQueue<string>();
      queue.add('x', ['x']);
      queue.add('xy', ['x', 'y']);
      expect(queue.lastWaiting(['x'])).to.equal(undefined);
      queue.add('y', ['y']);
      expect(queue.lastWaiting(['x', 'y'])).to.equal(undefined);
      expect(queue.lastWaiting(['y', 'x'])).to.equal(undefined);
      expect(queue.lastWaiting(['y'])).to.equal('y');
    });

    it('is nothing, when the last was taken, finished or not', () => {
      const queue = new KeyedQueue<string>();
      queue.add('x', ['x']);
      const taken = queue.take();
      expect(queue.lastWaiting(['x'])).to.equal(undefined);
      queue.add('x again', ['x']);
      expect(queue.lastWaiting(['x'])).to.equal('x again');
      taken?.finish();
      expect(queue.lastWaiting(['x'])).to.equal('x again');
      queue.take()?.finish();
      expect(queue.lastWaiting(['x'])).to.equal(undefined);
    });
  });

  for (const keys of [['x'], ['x', 'y']]) {
    it(`frees the ${keys.length} keys that an item was added with, when the list of keys is used again for others`, () => {
      const queue = new KeyedQueue<string>();
      const list = [...keys];
      queue.add('first', list);
      list.fill('z');
      queue.add('second', keys);
      queue.take()?.finish();
      expect(queue.take()?.item).to.equal('second');
    });
  }

  it('keeps nothing that was finished alive, while others always wait', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const queue = new KeyedQueue<object>();
    const finished: WeakRef<object>[] = [];
    for (let index = 0; index < 1_000; index++) {
      queue.add({ index }, [`key ${index % 7}`]);
      if (index < 100) continue;
      const next = queue.take();
      if (next) finished.push(new WeakRef(next.item));
      next?.finish();
    }
    return new Promise<void>((resolve, reject) => {
      // A WeakRef keeps its target for the turn in which it was made.
      setImmediate(() => {
        collect();
        const alive = finished.filter((each) => each.deref() !== undefined).length;
        if (alive <= 1) resolve();
        else reject(new Error(`${alive} of ${finished.length} finished items are alive.`));
      });
    });
  });
});
