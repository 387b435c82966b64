import { expect } from 'chai';
import { ConfigurationError, DeadLetterQueueError } from '@rxforce/core/model';
import { deadLetterQueueContract } from './testing/index.js';
import { errorOf, idsIn, letterOf, put } from './testing/queue-kit.js';
import { memoryDeadLetterQueue } from './memory-dead-letter-queue.js';

describe('memoryDeadLetterQueue', () => {
  describe('keeps the contract:', () => {
    for (const { name, run } of deadLetterQueueContract({ open: memoryDeadLetterQueue })) it(name, run);
  });

  it('refuses what it has no room for, all of it, and drops nothing', async () => {
    const queue = memoryDeadLetterQueue({ maxLetters: 3 });
    await put(queue, letterOf('a'), letterOf('b'));
    const refused = await errorOf(queue.put([letterOf('c'), letterOf('d')]));
    expect(refused).to.be.instanceOf(DeadLetterQueueError).and.include({ code: 'dead-letter-queue', retriable: true });
    expect(refused).to.have.property('message').that.includes('2 of the 3 letters').and.includes('2 more');
    expect(await idsIn(queue)).to.deep.equal(['a', 'b']);
    await put(queue, letterOf('c'));
    expect(await idsIn(queue)).to.deep.equal(['a', 'b', 'c']);
  });

  it('takes a letter in the place of another, when it is full', async () => {
    const queue = memoryDeadLetterQueue({ maxLetters: 2 });
    await put(queue, letterOf('a'), letterOf('b'));
    await put(queue, letterOf('b', 2), letterOf('a', 3));
    expect(await idsIn(queue)).to.deep.equal(['b', 'a']);
    expect(await errorOf(queue.put([letterOf('a', 5), letterOf('c')]))).to.include({ retriable: true });
  });

  it('has room again, when letters are removed', async () => {
    const queue = memoryDeadLetterQueue({ maxLetters: 1 });
    await put(queue, letterOf('a'));
    await queue.remove(['a']);
    await put(queue, letterOf('b'));
    expect(await idsIn(queue)).to.deep.equal(['b']);
  });

  it('says that it never passes, when more letters are put together than it has room for at all', async () => {
    const queue = memoryDeadLetterQueue({ maxLetters: 1 });
    expect(await errorOf(queue.put([letterOf('a'), letterOf('b')]))).to.include({ retriable: false });
  });

  it('has room for 10,000 letters by itself', async () => {
    const queue = memoryDeadLetterQueue();
    const letters = Array.from({ length: 10_000 }, (_, index) => letterOf(String(index)));
    await put(queue, ...letters);
    expect(await errorOf(queue.put([letterOf('one more')]))).to.include({ retriable: true });
    await put(memoryDeadLetterQueue({ maxLetters: Infinity }), ...letters, letterOf('one more'));
  });

  for (const maxLetters of [0, -1, 1.5, NaN, '5', null]) {
    it(`throws, when maxLetters is ${JSON.stringify(maxLetters)}`, () => {
      expect(() => memoryDeadLetterQueue({ maxLetters: maxLetters as number })).to.throw(
        ConfigurationError,
        /at least 1/,
      );
    });
  }
});
