import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { expect } from 'chai';
import { defer, EMPTY, NEVER, throwError, VirtualTimeScheduler } from 'rxjs';
import type { SinkEvent } from '../sinks/sink.js';
import { WorkInHand } from './work-in-hand.js';

const event = (id: string) => ({ id }) as SinkEvent;

function inHand() {
  const clock = new VirtualTimeScheduler();
  const work = new WorkInHand(clock);
  const at = (ms: number) => {
    clock.frame = ms;
    return work;
  };
  return { work, at };
}

describe('WorkInHand', () => {
  const [a, b] = [event('a'), event('b')];

  it('rests, when there is nothing, or each event is tried again after that time', () => {
    const { work, at } = inHand();
    expect([work.isEmpty, work.restsUntil(0)]).to.deep.equal([true, true]);
    work.began([a, b]);
    expect([work.isEmpty, work.restsUntil(0)]).to.deep.equal([false, false]);
    at(1_000).failed([a, b]);
    expect(work.waits(500)).to.equal(500);
    expect([work.restsUntil(1_499), work.restsUntil(1_500)]).to.deep.equal([true, false]);
  });

  it('does not rest, while one of several is tried', () => {
    const { work } = inHand();
    [a, b].forEach((each) => work.began([each]));
    work.failed([a]);
    work.waits(5_000);
    expect(work.restsUntil(10)).to.equal(false);
    work.done([b]);
    expect(work.restsUntil(10)).to.equal(true);
    work.done([a]);
    expect(work.isEmpty).to.equal(true);
  });

  it('does not rest, while what failed for good is put aside', async () => {
    const { work } = inHand();
    const queue = memoryDeadLetterQueue();
    work.began([a]);
    work.failed([a]);
    const put = work.puttingAside(queue).put([]);
    expect(work.restsUntil(10)).to.equal(false);
    await put;
    expect(work.isEmpty).to.equal(true);
  });

  it('rests, while the first event of a batch that has failed waits, and the others wait for it', () => {
    const { work } = inHand();
    work.began([a, b]);
    work.failed([a, b]);
    work.began([a]);
    work.failed([a]);
    work.waits(5_000);
    expect(work.restsUntil(10)).to.equal(true);
  });

  it('does not rest, while one partition tries an event that another one waits with', () => {
    const { work } = inHand();
    work.began([a]);
    work.failed([a]);
    work.waits(5_000);
    work.began([event('a')]);
    expect(work.restsUntil(10)).to.equal(false);
  });

  it('has nothing in hand after an attempt that is broken off, completes, or fails', () => {
    for (const ending of [NEVER, EMPTY, throwError(() => new Error('no'))]) {
      const { work } = inHand();
      let during: boolean | undefined;
      const attempt = defer(() => {
        during = work.restsUntil(10);
        return ending;
      });
      work
        .attempt([a], attempt)
        .subscribe({ error: () => undefined })
        .unsubscribe();
      expect([during, work.isEmpty]).to.deep.equal([false, true]);
    }
  });

  it('forgets what was not tried after its wait, as with a lost lease', () => {
    const { work, at } = inHand();
    work.began([a]);
    work.failed([a]);
    work.waits(5_000);
    expect([at(6_000).isEmpty, work.has(a), work.has(b)]).to.deep.equal([false, true, false]);
    expect(at(6_001).has(a)).to.equal(false);
    expect([at(6_001).restsUntil(60_000), work.isEmpty]).to.deep.equal([true, true]);
  });

  it('gives a wait to what has just failed, and to nothing else', () => {
    const { work } = inHand();
    work.began([a]);
    work.failed([a]);
    work.waits(5_000);
    work.began([a]);
    work.waits(9_000);
    expect(work.restsUntil(10)).to.equal(false);
  });

  it('does not rest, while something is done before the sink, which may end in any way', () => {
    const { work } = inHand();
    const read = work.before(() => NEVER).subscribe();
    expect(work.restsUntil(0)).to.equal(false);
    read.unsubscribe();
    work.before(() => [1]).subscribe();
    expect([work.isEmpty, work.restsUntil(0)]).to.deep.equal([true, true]);
  });

  it('takes what is no event', () => {
    const { work } = inHand();
    work.began([null as never]);
    work.done([null as never]);
    expect(work.isEmpty).to.equal(true);
  });
});
