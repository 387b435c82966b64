import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { QueueDepths } from './queue-depths.js';

const counted = (depth: () => Promise<number>) => {
  const queue = {
    asked: 0,
    depth: () => {
      queue.asked++;
      return depth();
    },
  };
  return queue;
};

/** A clock that a test sets. */
const stopped = () => Object.assign(new VirtualTimeScheduler(), { frame: 0 });

describe('QueueDepths', () => {
  it('asks every 15 seconds at most, and only when somebody wants to know', async () => {
    const scheduler = stopped();
    const failed = counted(() => Promise.resolve(failed.asked));
    const depths = new QueueDepths({ failed }, scheduler);
    expect(failed.asked).to.equal(0);
    const [first] = await Promise.all([depths.depths(), depths.depths()]);
    expect([...first]).to.deep.equal([['failed', 1]]);
    scheduler.frame = 14_999;
    await depths.depths();
    expect(failed.asked).to.equal(1);
    scheduler.frame = 15_000;
    expect([...(await depths.depths())]).to.deep.equal([['failed', 2]]);
  });

  it('leaves out a queue that fails, and one whose answer is no number', async () => {
    const depths = new QueueDepths(
      {
        good: { depth: () => Promise.resolve(3) },
        failing: { depth: () => Promise.reject(new Error('gone')) },
        throwing: {
          depth: () => {
            throw new Error('gone');
          },
        },
        strange: { depth: () => Promise.resolve('many' as unknown as number) },
      },
      stopped(),
    );
    expect([...(await depths.depths())]).to.deep.equal([['good', 3]]);
  });

  it('leaves out a queue that has not answered after 5 seconds', async () => {
    const scheduler = stopped();
    const depths = new QueueDepths({ silent: { depth: () => new Promise(() => undefined) } }, scheduler);
    const asked = depths.depths();
    scheduler.flush();
    expect(scheduler.frame).to.equal(5_000);
    expect((await asked).size).to.equal(0);
  });
});
