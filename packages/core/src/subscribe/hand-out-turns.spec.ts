import { expect } from 'chai';
import { HandOutTurns } from './hand-out-turns.js';

/** Turns that the test takes, with a window whose state it says. */
function turns(drain: () => void = () => undefined) {
  const waiting: (() => void)[] = [];
  const happened: string[] = [];
  const failures: unknown[] = [];
  const demand = { pressure: false, unsettled: 0 };
  const deliveries = { kept: 0, flush: () => void happened.push('flushed') };
  const made = new HandOutTurns({
    ...{ demand, deliveries },
    nextTurn: (work) => waiting.push(work),
    inbox: {
      drain: () => {
        happened.push('delivered');
        drain();
      },
    },
    pressed: () => happened.push('pressed'),
    handedOut: () => undefined,
    failed: (error) => failures.push(error),
  });
  /** Takes the turns that wait, and those that follow from them: how many there were. */
  const pass = () => {
    let count = 0;
    for (let work = waiting.shift(); work; work = waiting.shift()) {
      work();
      count++;
    }
    return count;
  };
  const fill = (unsettled: number, kept: number) => {
    Object.assign(demand, { pressure: true, unsettled });
    deliveries.kept = kept;
  };
  return { made, happened, failures, demand, pass, fill };
}

describe('HandOutTurns', () => {
  it('delivers in a later turn, once for all that came meanwhile', () => {
    const { made, happened, pass } = turns();
    made.handOutLater();
    made.handOutLater();
    expect(happened).to.deep.equal([]);
    expect([pass(), happened]).to.deep.equal([1, ['delivered']]);
    made.handOutLater();
    expect([pass(), happened]).to.deep.equal([1, ['delivered', 'delivered']]);
  });

  it('delivers nothing more, when it was stopped before the turn came', () => {
    const { made, happened, pass } = turns();
    made.handOutLater();
    made.stop();
    pass();
    expect(happened).to.deep.equal([]);
  });

  it('reports pressure once, until something is settled', () => {
    const { made, happened, pass, fill } = turns();
    fill(3, 0);
    for (let turn = 0; turn < 2; turn++) {
      made.handOutLater();
      pass();
    }
    expect(happened).to.deep.equal(['delivered', 'pressed', 'delivered']);
    made.isPressed = false;
    made.handOutLater();
    pass();
    expect(happened.slice(3)).to.deep.equal(['delivered', 'pressed']);
  });

  it('flushes in a turn after the delivery, when the window is full of events that are kept until others come', () => {
    const { made, happened, pass, fill } = turns();
    fill(3, 3);
    made.handOutLater();
    expect(pass()).to.equal(2);
    expect(happened).to.deep.equal(['delivered', 'pressed', 'flushed']);
  });

  it('does not flush, while one event of the full window is worked on', () => {
    const { made, happened, pass, fill } = turns();
    fill(3, 2);
    made.handOutLater();
    expect(pass()).to.equal(1);
    expect(happened).not.to.include('flushed');
  });

  it('does not flush, when the window has room again before the turn comes', () => {
    const { made, demand, happened, pass, fill } = turns();
    fill(3, 3);
    made.flushIfStalled();
    made.flushIfStalled();
    demand.pressure = false;
    expect([pass(), happened]).to.deep.equal([1, []]);
  });

  it('still flushes when it is stopped: a drain waits for what operators keep', () => {
    const { made, happened, pass, fill } = turns();
    fill(3, 3);
    made.stop();
    made.flushIfStalled();
    pass();
    expect(happened).to.deep.equal(['flushed']);
  });

  it('reports what a turn throws as the failure of the subscription', () => {
    const broken = new Error('broken');
    const { made, failures, pass } = turns(() => {
      throw broken;
    });
    made.handOutLater();
    pass();
    expect(failures).to.deep.equal([broken]);
  });
});
