import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { onceForAll } from './once-for-all.js';

const TOPIC = '/data/AccountChangeEvent';

describe('onceForAll', () => {
  const said: string[] = [];
  const scheduler = new VirtualTimeScheduler();
  const logger = onceForAll({ warn: (message) => void said.push(message) }, scheduler);

  beforeEach(() => (said.length = 0));

  it('warns of what one partition says first, and of other things', () => {
    for (const partition of [3, 1, 7])
      logger.warn(`${TOPIC}#${partition}: attempt 1 failed, the next is in 0.${partition} s.`);
    logger.warn(`${TOPIC}#1: something else.`);
    expect(said).to.deep.equal([`${TOPIC}#3: attempt 1 failed, the next is in 0.3 s.`, `${TOPIC}#1: something else.`]);
  });

  it('warns again after a minute', () => {
    scheduler.frame += 59_999;
    logger.warn(`${TOPIC}#2: something else.`);
    scheduler.frame += 1;
    logger.warn(`${TOPIC}#4: something else.`);
    expect(said).to.deep.equal([`${TOPIC}#4: something else.`]);
  });
});
