import { expect } from 'chai';
import { of } from 'rxjs';
import { idOf, nameOf } from '../../test/support/fake-store.js';
import { Watermark } from '../delivery/watermark.js';
import { Beginning } from './beginning.js';

/** A beginning, the watermark that it moves with, and what it asks of its place. */
function bench({ isStored = false } = {}) {
  const watermark = new Watermark(undefined);
  const heard: string[] = [];
  const beginning = new Beginning(watermark, isStored, {
    arrived: () => void heard.push('arrived'),
    save: (time) => of(heard.push(`save ${time.getTime()}`)),
  });
  const settle = (name: string) => watermark.settle(watermark.open(idOf(name)));
  return { watermark, heard, beginning, settle };
}

describe('Beginning', () => {
  it('goes on after the last event of which all came, wherever it began', () => {
    for (const start of ['latest', 'earliest', idOf('s')] as const) {
      const { beginning, settle } = bench();
      beginning.startAt(start);
      expect(nameOf(beginning.from())).to.equal(nameOf(start));
      settle('a');
      expect(nameOf(beginning.from())).to.equal('a');
    }
  });

  it('is adrift at the tip until an event came; with a store, until a position is durable', () => {
    const plain = bench();
    plain.beginning.startAt('latest');
    expect(plain.beginning.isAdrift).to.equal(true);
    plain.settle('a');
    expect(plain.beginning.isAdrift).to.equal(false);
    const stored = bench({ isStored: true });
    stored.beginning.startAt('latest');
    stored.settle('a');
    expect(stored.beginning.isAdrift).to.equal(true);
    stored.beginning.leaveTip();
    expect(stored.beginning.isAdrift).to.equal(false);
  });

  it('passes over what is before its time, and nothing from the first event on that is not', () => {
    const { beginning, heard } = bench();
    beginning.startAt(new Date(5_000));
    expect(beginning.from()).to.equal('earliest');
    const skipped = [1_000, undefined, 4_999, 5_000, 1_000].map((time) => beginning.skips(() => time));
    expect(skipped).to.deep.equal([true, false, true, false, false]);
    expect(heard).to.deep.equal(['arrived']);
  });

  it('has one that follows start at its time, until an event from there on is settled', () => {
    const { beginning } = bench();
    beginning.startAt(new Date(5_000));
    expect(beginning.following(idOf('a'))).to.deep.equal(new Date(5_000));
    beginning.skips(() => 5_000);
    expect(beginning.following(undefined)).to.deep.equal(new Date(5_000));
    expect(nameOf(beginning.following(idOf('a')))).to.equal('a');
  });

  it('saves the time of the first event after the tip, and starts there again', () => {
    const { beginning, heard } = bench();
    beginning.startAt('latest');
    expect(beginning.following(undefined)).to.equal(undefined);
    beginning.anchorAt(new Date(7_000)).subscribe();
    expect(heard).to.deep.equal(['save 7000']);
    expect(beginning.following(undefined)).to.deep.equal(new Date(7_000));
    expect(beginning.time).to.deep.equal(new Date(7_000));
  });

  it('forgets where it was, when the service does not know the position', () => {
    const { beginning, settle } = bench();
    beginning.startAt(idOf('s'));
    settle('a');
    beginning.reset('earliest');
    expect(beginning.from()).to.equal('earliest');
    expect(beginning.following(undefined)).to.deep.equal(new Date(0));
    beginning.reset('latest');
    expect([beginning.from(), beginning.isAdrift, beginning.following(undefined)]).to.deep.equal([
      'latest',
      true,
      undefined,
    ]);
  });
});
