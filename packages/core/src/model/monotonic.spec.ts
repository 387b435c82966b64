import { expect } from 'chai';
import { asyncScheduler, VirtualTimeScheduler } from 'rxjs';
import { useFakeTimers } from 'sinon';
import { monotonicNow } from './monotonic.js';

describe('monotonicNow', () => {
  it('counts no jump of the wall clock, forth or back', () => {
    const clock = useFakeTimers({ now: Date.now(), toFake: ['Date'] });
    try {
      const before = monotonicNow(asyncScheduler);
      for (const jumpMs of [86_400_000, -2 * 86_400_000]) {
        clock.setSystemTime(Date.now() + jumpMs);
        expect(monotonicNow(asyncScheduler) - before).to.be.within(0, 60_000);
      }
    } finally {
      clock.restore();
    }
  });

  it('is the time of any other scheduler', () => {
    const scheduler = new VirtualTimeScheduler();
    scheduler.frame = 5;
    expect(monotonicNow(scheduler)).to.equal(5);
  });
});
