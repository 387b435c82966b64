import { expect } from 'chai';
import type { SubscriptionPhase } from './subscription-state.js';
import { ReadingWatch } from './reading-watch.js';

/** A subscription that began at 0 and came into these states, each with its time. */
function watched(...steps: readonly [SubscriptionPhase, number][]): ReadingWatch {
  const watch = new ReadingWatch(0);
  steps.forEach(([state, at]) => watch.entered(state, at));
  return watch;
}

const MUTE = 300_000;

describe('The time in which a subscription reads nothing, although it should', () => {
  it('lasts from the beginning until the first connection', () => {
    expect(watched(['connecting', 0]).since(70)).to.equal(0);
    const connected = watched(['connecting', 0], ['connected', 80]);
    expect([connected.since(80), connected.worked(80)]).to.deep.equal([undefined, true]);
  });

  it('lasts from the first of a row of failures, when each connection is refused at once', () => {
    const refused = watched(
      ...([
        ['connecting', 0],
        ['connected', 80],
        ['waiting', 100],
        ['connecting', 1_000],
        ['connected', 1_080],
        ['connecting', 1_100],
        ['connected', 1_180],
      ] as [SubscriptionPhase, number][]),
    );
    expect([refused.since(1_180), refused.worked(1_180)]).to.deep.equal([0, false]);
    refused.entered('waiting', 1_200);
    expect([refused.since(60_000), refused.worked(60_000)]).to.deep.equal([0, false]);
  });

  it('is over after a failure, when a connection has lasted for 3 s, or a response came', () => {
    const back = watched(['waiting', 10], ['connecting', 20], ['connected', 1_000]);
    expect([back.since(3_999), back.worked(3_999)]).to.deep.equal([0, false]);
    expect([back.since(4_000), back.worked(4_000)]).to.deep.equal([undefined, true]);
    back.entered('waiting', 5_000);
    expect([back.since(5_000), back.worked(5_000)]).to.deep.equal([5_000, true]);
    back.entered('connected', 5_100);
    back.entered('live', 5_200);
    expect(back.since(5_200)).to.equal(undefined);
    back.entered('waiting', 6_000);
    expect(back.since(9_000)).to.equal(6_000);
  });

  it('goes on, when a server takes each connection and does not even send a keepalive, until a response comes', () => {
    const mute = watched(['connecting', 0], ['connected', 80]);
    expect(mute.since(MUTE)).to.equal(undefined);
    mute.entered('waiting', MUTE);
    mute.entered('connecting', MUTE + 500);
    mute.entered('connected', MUTE + 600);
    expect([mute.since(2 * MUTE), mute.worked(2 * MUTE)]).to.deep.equal([0, false]);
    mute.entered('waiting', MUTE + 20_000);
    mute.entered('connected', MUTE + 30_000);
    expect(mute.since(2 * MUTE)).to.equal(0);
    mute.entered('live', 2 * MUTE);
    expect([mute.since(2 * MUTE), mute.worked(2 * MUTE)]).to.deep.equal([undefined, true]);
    mute.entered('waiting', 2 * MUTE + 1);
    mute.entered('connected', 2 * MUTE + 2);
    expect(mute.since(2 * MUTE + 3_002)).to.equal(undefined);
  });

  for (const state of ['parked', 'standby', 'draining'] as const) {
    it(`is over, when it is ${state}`, () => {
      const over = watched(['waiting', 10], [state, 20]);
      expect([over.since(20), over.worked(20)]).to.deep.equal([undefined, false]);
    });
  }
});
