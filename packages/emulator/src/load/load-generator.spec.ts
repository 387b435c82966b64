import { expect } from 'chai';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { memoryOrg } from '../../test/support/memory-org.js';
import { MOST_EVENTS_A_CHANGE } from './change-maker.js';
import { startLoad, type LoadOptions } from './load-generator.js';

describe('startLoad, by the clock', () => {
  let clock: SinonFakeTimers;

  beforeEach(() => {
    clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] });
  });
  afterEach(() => clock.restore());

  const load = (options: LoadOptions) => {
    const { org, countEvents } = memoryOrg();
    return startLoad({ org, countEvents, seed: 1 }, options);
  };

  it('keeps to its rate, when the time goes on', async () => {
    const running = load({ eventsPerSecond: 1_000, limit: 200 });
    let isDone = false;
    void running.done.then(() => (isDone = true));
    for (let ms = 10; ms < 200; ms += 10) {
      await clock.tickAsync(10);
      // Looked at every 5 ms, and a change makes several events at most.
      expect(running.made).to.be.within(ms - 5, ms + MOST_EVENTS_A_CHANGE);
      expect(isDone, `${ms} ms`).to.equal(false);
    }
    await clock.tickAsync(10);
    expect([running.made, isDone]).to.deep.equal([200, true]);
    await clock.tickAsync(100);
    expect(running.made).to.equal(200);
  });

  it('catches up, when it could not run for a while', async () => {
    const running = load({ eventsPerSecond: 1_000 });
    await clock.tickAsync(10);
    clock.jump(500);
    await clock.tickAsync(10);
    expect(running.made).to.be.within(500, 520 + MOST_EVENTS_A_CHANGE);
    running.stop();
  });
});
