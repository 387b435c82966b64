import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { BarrierQueue, type Concern } from './barrier-queue.js';

/** Takes all that may start. */
function takeAll<T>(queue: BarrierQueue<T>): { item: T; finish: () => void }[] {
  const taken = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(next);
  return taken;
}

const itemsOf = <T>(taken: readonly { item: T }[]) => taken.map(({ item }) => item);

describe('BarrierQueue', () => {
  it('gives what shares no key at once, in order', () => {
    const queue = new BarrierQueue<string>();
    queue.add('a', 'g', ['1']);
    queue.add('b', 'g', ['2', '3']);
    queue.add('c', 'g', []);
    expect(itemsOf(takeAll(queue))).to.deep.equal(['a', 'b', 'c']);
  });

  it('gives what shares a key once all earlier ones have finished', () => {
    const queue = new BarrierQueue<string>();
    queue.add('a', 'g', ['1']);
    queue.add('b', 'g', ['2']);
    queue.add('ab', 'g', ['1', '2']);
    const [a, b] = takeAll(queue);
    a?.finish();
    expect(queue.take()).to.equal(undefined);
    b?.finish();
    expect(itemsOf(takeAll(queue))).to.deep.equal(['ab']);
  });

  it('lets what is about all wait for all of its group, and all of the group for it', () => {
    const queue = new BarrierQueue<string>();
    queue.add('a', 'g', ['1']);
    queue.add('x', 'h', ['9']);
    queue.add('all', 'g', 'all');
    queue.add('b', 'g', ['2']);
    queue.add('c', 'g', ['3']);
    queue.add('y', 'h', ['8']);
    const [a, ...others] = takeAll(queue);
    expect(itemsOf(others)).to.deep.equal(['x', 'y']);
    a?.finish();
    const [all] = takeAll(queue);
    expect(all?.item).to.equal('all');
    expect(queue.take()).to.equal(undefined);
    all?.finish();
    expect(itemsOf(takeAll(queue))).to.deep.equal(['b', 'c']);
  });

  it('knows what it has, and what would wait', () => {
    const queue = new BarrierQueue<string>();
    expect([queue.isEmpty, queue.items(), queue.isBlocked('g', 'all')]).to.deep.equal([true, [], false]);
    queue.add('a', 'g', ['1']);
    queue.add('b', 'h', 'all');
    expect([queue.isEmpty, queue.items()]).to.deep.equal([false, ['a', 'b']]);
    expect([queue.has('1'), queue.has('2')]).to.deep.equal([true, false]);
    const blocked = (['1', '2'] as const).map((key) => queue.isBlocked('g', [key]));
    expect([...blocked, queue.isBlocked('g', 'all'), queue.isBlocked('h', ['9'])]).to.deep.equal([
      true,
      false,
      true,
      true,
    ]);
    takeAll(queue).forEach(({ finish }) => finish());
    expect([queue.isEmpty, queue.isBlocked('g', 'all'), queue.isBlocked('h', ['9'])]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it('gives 100,000 that waited for one', () => {
    const queue = new BarrierQueue<number>();
    queue.add(-1, 'g', 'all');
    for (let count = 0; count < 100_000; count++) queue.add(count, 'g', []);
    const [first] = takeAll(queue);
    first?.finish();
    expect(takeAll(queue)).to.have.length(100_000);
  });

  it('keeps nothing that was finished alive, while one is worked on', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const queue = new BarrierQueue<object>();
    const finished: WeakRef<object>[] = [];
    queue.add({}, 'g', ['0']);
    for (let count = 1; count < 100; count++) {
      const item = {};
      queue.add(item, 'g', [String(count)]);
      finished.push(new WeakRef(item));
    }
    const first = queue.take();
    takeAll(queue).forEach(({ finish }) => finish());
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(finished.filter((item) => item.deref() !== undefined).length).to.be.at.most(1);
    first?.finish();
  });

  it('starts each item when all it waits for have finished, and no later, in any order of finishing', () => {
    const concern: fc.Arbitrary<Concern> = fc.oneof(
      { weight: 4, arbitrary: fc.uniqueArray(fc.constantFrom('1', '2', '3'), { maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant('all' as const) },
    );
    const item = fc.record({ group: fc.constantFrom('g', 'h'), concern, finishFirst: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (items, choices) => {
        const queue = new BarrierQueue<number>();
        const started: { item: number; finish: () => void }[] = [];
        const finished = new Set<number>();
        const all = items.map(({ group, concern: given }) => ({
          group,
          concern: given === 'all' ? given : given.map((key) => group + key),
        }));
        const waitsFor = (later: number) =>
          all.flatMap((other, index) => (index < later && conflict(other, all[later]!) ? [index] : []));
        const check = () => {
          started.push(...takeAll(queue));
          const known = queue.items();
          known.forEach((index) => {
            const mayStart = waitsFor(index).every((earlier) => finished.has(earlier));
            expect(started.some(({ item: taken }) => taken === index)).to.equal(mayStart);
          });
        };
        const finishOne = () => {
          const [one] = started.splice(choices.next().value % started.length, 1);
          finished.add(one!.item);
          one!.finish();
        };
        items.forEach(({ finishFirst }, index) => {
          const { group, concern: given } = all[index]!;
          for (let count = finishFirst; count > 0 && started.length > 0; count--) finishOne();
          check();
          const blocked = waitsFor(index).some((earlier) => !finished.has(earlier));
          expect(queue.isBlocked(group, given)).to.equal(blocked);
          queue.add(index, group, given);
          check();
        });
        while (started.length > 0) {
          finishOne();
          check();
        }
        expect([queue.isEmpty, finished.size]).to.deep.equal([true, items.length]);
      }),
    );
  });
});

interface Placed {
  readonly group: string;
  readonly concern: Concern;
}

function conflict(one: Placed, other: Placed): boolean {
  if (one.group !== other.group) return false;
  if (one.concern === 'all' || other.concern === 'all') return true;
  return one.concern.some((key) => other.concern.includes(key));
}
