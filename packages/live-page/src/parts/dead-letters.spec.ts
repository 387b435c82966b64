import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { DeadLetters } from './dead-letters.js';

describe('The dead letters of a page', () => {
  it('do not keep a reading for long, when a queue does not answer', async () => {
    const scheduler = new VirtualTimeScheduler();
    const queue = Object.assign(memoryDeadLetterQueue(), { depth: () => new Promise<number>(() => undefined) });
    const letters = new DeadLetters({ silent: { queue } }, () => undefined, scheduler);
    const counted = letters.counted();
    scheduler.maxFrames = 1_000;
    scheduler.flush();
    await counted;
    expect(letters.read().queues).to.deep.equal([{ name: 'silent', depth: null, canRedrive: false }]);
  });
});
