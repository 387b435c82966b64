import { expect } from 'chai';
import { NEVER, VirtualTimeScheduler } from 'rxjs';
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
  it('rests, when there is nothing, or each event is tried again after that time', () => {
    const { work, at } = inHand();
    expect([work.isEmpty, work.restsUntil(0)]).to.deep.equal([true, true]);
    work.began([event('a'), event('b')]);
    expect([work.isEmpty, work.restsUntil(0)]).to.deep.equal([false, false]);
    at(1_000).failed([event('a'), event('b')]);
    expect(work.waits(500)).to.equal(500);
    expect([work.restsUntil(1_499), work.restsUntil(1_500)]).to.deep.equal([true, false]);
  });

  it('does not rest, while one of several is tried, or is being put aside', () => {
    const { work } = inHand();
    [event('a'), event('b')].forEach((each) => work.began([each]));
    work.failed([event('a')]);
    work.waits(5_000);
    expect(work.restsUntil(10)).to.equal(false);
    work.failed([event('b')]);
    expect(work.restsUntil(10)).to.equal(false);
    work.done([event('b')]);
    expect(work.restsUntil(10)).to.equal(true);
    work.done([event('a')]);
    expect(work.isEmpty).to.equal(true);
  });

  it('gives a wait to what has just failed, and to nothing else', () => {
    const { work } = inHand();
    work.began([event('a')]);
    work.failed([event('a')]);
    work.waits(5_000);
    work.began([event('a')]);
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
