import assert from 'node:assert/strict';
import type { DeadLetterQueue } from '../dead-letter-queue.js';
import { errorOf, idsIn, letterOf, listed, put, take, valueOf, type Cases } from './queue-kit.js';

const range = (count: number, prefix = '') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** The behaviour of every queue, independent of the values in the letters. */
export const CASES: Cases = {
  'is empty, when nothing was put': async ({ queue }) => {
    assert.deepEqual(await idsIn(queue), []);
    assert.deepEqual(await take(queue, 10), []);
    assert.equal(await queue.purge(), 0);
    await put(queue);
    assert.deepEqual(await idsIn(queue), []);
  },

  'lists the letter that failed last longest ago first, then the one that was put first': async ({ queue, again }) => {
    await put(queue, letterOf('d', 30), letterOf('b', 10));
    await put(queue, letterOf('a', -5));
    await put(queue, letterOf('c', 10));
    await put(queue, letterOf('e', 30), letterOf('f', 30.5));
    for (const each of [queue, await again()]) assert.deepEqual(await idsIn(each), ['a', 'b', 'c', 'd', 'e', 'f']);
  },

  'keeps a letter in the place of another with its id': async ({ queue, again }) => {
    await put(queue, letterOf('a', 1), letterOf('b', 2), letterOf('c', 3));
    await put(queue, letterOf('a', 2, { attempts: 2, value: 'later' }));
    await put(queue, letterOf('b', 9), letterOf('d', 3));
    await put(queue, letterOf('c', 0));
    for (const each of [queue, await again()]) {
      assert.deepEqual(await idsIn(each), ['c', 'a', 'd', 'b']);
      assert.deepEqual((await listed(each))[1], letterOf('a', 2, { attempts: 2, value: 'later' }));
    }
  },

  'keeps the last one of letters with the same id, when they are put together': async ({ queue, again }) => {
    await put(queue, letterOf('a'), letterOf('b'), letterOf('a', 1, { value: 'last' }));
    for (const each of [queue, await again()]) {
      assert.deepEqual(await listed(each), [letterOf('b'), letterOf('a', 1, { value: 'last' })]);
    }
  },

  'has each letter once, when it is put again and again': async ({ queue, again }) => {
    for (let attempts = 1; attempts <= 50; attempts++) await put(queue, letterOf('a', attempts, { attempts }));
    for (const each of [queue, await again()])
      assert.deepEqual(await listed(each), [letterOf('a', 50, { attempts: 50 })]);
  },

  'keeps none of the letters put together, when one of them cannot be kept': async ({ queue, again }) => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    await put(queue, letterOf('a'));
    const bad = letterOf('b', 1, { value: { circle } });
    assert.equal((await errorOf(queue.put([letterOf('a', 5), letterOf('c'), bad, letterOf('d')]))).retriable, false);
    for (const each of [queue, await again()]) assert.deepEqual(await listed(each), [letterOf('a')]);
    await put(queue, letterOf('c'));
    assert.deepEqual(await idsIn(queue), ['a', 'c']);
  },

  'keeps 1,000 letters, put together or each on its own': async ({ queue, again }) => {
    await put(queue, ...range(500).map((id, index) => letterOf(id, index)));
    await Promise.all(
      range(1_000)
        .slice(500)
        .map((id) => put(queue, letterOf(id, Number(id)))),
    );
    for (const each of [queue, await again()]) assert.deepEqual(await idsIn(each), range(1_000));
    assert.equal((await take(queue, Infinity)).length, 1_000);
  },

  'keeps all letters that are put at the same time, each put whole': async ({ queue, again }) => {
    await Promise.all(
      range(100).map((id, index) =>
        put(queue, letterOf(`a${id}`, index), letterOf(`b${id}`, index), letterOf('last', index)),
      ),
    );
    const expected = [...range(100, 'a'), ...range(100, 'b'), 'last'].sort();
    for (const each of [queue, await again()]) assert.deepEqual((await idsIn(each)).sort(), expected);
  },

  'does what it is told in that order, when it is told all at once': async ({ queue, again }) => {
    const answers = [
      queue.put([letterOf('a', 1)]),
      queue.put([letterOf('b', 2)]),
      queue.remove(['a']),
      queue.put([letterOf('a', 3)]),
      queue.put([letterOf('c', 4), letterOf('b', 5)]),
      queue.remove(['c']),
      queue.put([letterOf('d', 6)]),
    ];
    assert.deepEqual(
      await Promise.all(answers),
      Array.from(answers, () => undefined),
    );
    for (const each of [queue, await again()]) assert.deepEqual(await listed(each), ['a3', 'b5', 'd6'].map(shortOf));
  },

  'goes on, when the reader of a list stops early': async ({ queue }) => {
    await put(queue, ...range(10).map((id, index) => letterOf(id, index)));
    for await (const letter of queue.list()) {
      assert.equal(valueOf(letter).id, '0');
      break;
    }
    assert.deepEqual(await idsIn(queue), range(10));
  },

  'lists what is there still, when letters are removed and put meanwhile': async ({ queue }) => {
    await put(queue, ...range(4).map((id, index) => letterOf(id, index)));
    const seen: unknown[] = [];
    for await (const letter of queue.list()) {
      const { id, value } = valueOf(letter);
      seen.push([id, value]);
      if (id !== '0') continue;
      await queue.remove(['0', '2']);
      await put(queue, letterOf('3', 9, { value: 'new' }));
    }
    assert.deepEqual(seen, [
      ['0', { id: '0' }],
      ['1', { id: '1' }],
      ['3', 'new'],
    ]);
  },

  'hands out letters in order, as many as asked for': async ({ queue }) => {
    await put(queue, letterOf('c', 3), letterOf('a', 1), letterOf('d', 4), letterOf('b', 2));
    assert.deepEqual(await queue.take({ limit: 1 }), [letterOf('a', 1)]);
    assert.deepEqual(await take(queue, 2), ['b', 'c']);
    assert.deepEqual(await take(queue, 5), ['d']);
    assert.deepEqual(await take(queue, 5), []);
  },

  'hands out no letter that failed at the given time or later': async ({ queue }) => {
    await put(queue, letterOf('a', 1), letterOf('b', 2), letterOf('c', 3));
    assert.deepEqual(await take(queue, 5, 1), []);
    assert.deepEqual(await take(queue, 5, 3), ['a', 'b']);
    assert.deepEqual(await take(queue, 5, 3), []);
    assert.deepEqual(await take(queue, 5, Infinity), ['c']);
  },

  'rejects, when it is asked for less than one letter': async ({ queue }) => {
    await put(queue, letterOf('a'));
    for (const limit of [0, -1, 0.5, NaN]) assert.equal((await errorOf(queue.take({ limit }))).retriable, false);
    assert.deepEqual(await take(queue, 1), ['a']);
  },

  'hands out each letter to one, when many ask at the same time': async ({ queue }) => {
    await put(queue, ...range(20).map((id, index) => letterOf(id, index)));
    const taken = await Promise.all(range(10).map(() => take(queue, 3)));
    assert.deepEqual(taken.flat().sort(), range(20).sort());
  },

  'still lists and counts a letter that was taken': async ({ queue, again }) => {
    await put(queue, letterOf('a', 1), letterOf('b', 2));
    await take(queue, 1);
    for (const each of [queue, await again()])
      assert.deepEqual(await listed(each), [letterOf('a', 1), letterOf('b', 2)]);
  },

  'hands out a letter again, unchanged and in its place, when it was released': async ({ queue }) => {
    await put(queue, letterOf('a', 1), letterOf('b', 2), letterOf('c', 3));
    await take(queue, 2);
    await queue.release(['a', 'none']);
    assert.deepEqual(await queue.take({ limit: 1 }), [letterOf('a', 1)]);
    assert.deepEqual(await take(queue, 5), ['c']);
    await queue.release(['c', 'b', 'b']);
    assert.deepEqual(await take(queue, 5), ['b', 'c']);
  },

  'hands out a letter that was taken with its new content, when it was put again': async ({ queue }) => {
    await put(queue, letterOf('a', 1), letterOf('b', 2));
    await take(queue, 2);
    await put(queue, letterOf('a', 5, { attempts: 2, value: 'new' }));
    assert.deepEqual(await queue.take({ limit: 5 }), [letterOf('a', 5, { attempts: 2, value: 'new' })]);
  },

  'forgets letters that are removed, taken or not, and no others': async ({ queue, again }) => {
    await put(queue, ...range(5).map((id, index) => letterOf(id, index)));
    await take(queue, 2);
    const ids = ['1', 'none', '3', '3'];
    const isRemoved = queue.remove(ids);
    ids[0] = '0';
    await isRemoved;
    await queue.remove([]);
    await queue.remove(['1']);
    for (const each of [queue, await again()]) assert.deepEqual(await idsIn(each), ['0', '2', '4']);
    await queue.release(['1', '3']);
    assert.deepEqual(await take(queue, 5), ['2', '4']);
  },

  'keeps a letter that is put after it was removed': async ({ queue, again }) => {
    for (let time = 1; time <= 5; time++) {
      await put(queue, letterOf('a', time));
      assert.deepEqual(await take(queue, 5), ['a']);
      await queue.remove(['a']);
    }
    assert.deepEqual(await idsIn(await again()), []);
    await put(queue, letterOf('a', 6));
    for (const each of [queue, await again()]) assert.deepEqual(await listed(each), [letterOf('a', 6)]);
  },

  'forgets none of the earlier versions of a letter only, when it is removed': async ({ queue, again }) => {
    for (let time = 1; time <= 5; time++) await put(queue, letterOf('a', time), letterOf('b', time));
    await queue.remove(['a']);
    for (const each of [queue, await again()]) assert.deepEqual(await listed(each), [letterOf('b', 5)]);
  },

  'forgets all letters, when it is purged, and tells how many': async ({ queue, again }) => {
    await put(queue, ...range(5).map((id, index) => letterOf(id, index)));
    await take(queue, 2);
    assert.equal(await queue.purge(), 5);
    for (const each of [queue, await again()]) assert.deepEqual(await idsIn(each), []);
    assert.deepEqual(await take(queue, 5), []);
    await put(queue, letterOf('0', 7));
    assert.deepEqual(await idsIn(await again()), ['0']);
  },

  'forgets the letters that failed last before a time, when it is purged with one': async ({ queue, again }) => {
    await put(queue, letterOf('a', 1), letterOf('b', 2), letterOf('c', 3), letterOf('d', 1));
    await put(queue, letterOf('d', 2));
    await take(queue, 1);
    assert.equal(await queue.purge(1), 0);
    assert.equal(await queue.purge(2), 1);
    for (const each of [queue, await again()]) assert.deepEqual(await idsIn(each), ['b', 'd', 'c']);
    assert.equal(await queue.purge(NaN), 0);
    assert.equal(await queue.purge(4), 3);
  },

  'has what is there, when it is opened again and again': async ({ queue, again }) => {
    let last: DeadLetterQueue = queue;
    for (let round = 0; round < 10; round++) {
      await put(last, letterOf(`a${round}`, round), letterOf(`b${round}`, round));
      await last.remove([`a${round}`, `b${round - 1}`]);
      last = await again();
      assert.deepEqual(await idsIn(last), [`b${round}`]);
    }
    assert.deepEqual(await idsIn(queue), ['b9']);
  },

  'shows what another queue over its letters did': async ({ queue, again }) => {
    const other = await again();
    await put(queue, letterOf('a', 1), letterOf('b', 2));
    assert.deepEqual(await idsIn(other), ['a', 'b']);
    await put(other, letterOf('b', 3), letterOf('c', 4));
    assert.deepEqual(await listed(queue), ['a1', 'b3', 'c4'].map(shortOf));
    await queue.remove(['b']);
    assert.deepEqual(await idsIn(other), ['a', 'c']);
    assert.equal(await other.purge(2), 1);
    assert.deepEqual(await idsIn(queue), ['c']);
    await put(queue, letterOf('a', 5));
    assert.deepEqual(await listed(other), ['c4', 'a5'].map(shortOf));
  },
};

/** `a1` is the letter `a` that failed at 1. */
function shortOf(text: string) {
  return letterOf(text.slice(0, 1), Number(text.slice(1)));
}
