import { expect } from 'chai';
import { compare, upTo } from './compare.js';

const entries = (ids: string) => Array.from(ids, (id) => ({ id, replayId: `at ${id}` }));
const LOG = entries('abcde');
const SAME = { lost: 0, duplicated: 0, outOfOrder: 0, unknown: 0 };

describe('compare', () => {
  it('finds no difference, when every event of the log came once and in order', () => {
    expect(compare(entries('abcde'), LOG)).to.deep.equal(SAME);
    expect(compare([], [])).to.deep.equal(SAME);
  });

  it('counts what never came', () => {
    expect(compare(entries('ace'), LOG)).to.deep.equal({ ...SAME, lost: 2 });
    expect(compare([], LOG)).to.deep.equal({ ...SAME, lost: 5 });
  });

  it('counts what came again, however often and wherever', () => {
    expect(compare(entries('abbbcdea'), LOG)).to.deep.equal({ ...SAME, duplicated: 3 });
  });

  it('counts what came after a later one', () => {
    expect(compare(entries('acbed'), LOG)).to.deep.equal({ ...SAME, outOfOrder: 2 });
  });

  it('does not take one event for another, nor an event at another position for the same', () => {
    expect(compare(entries('abcdx'), LOG)).to.deep.equal({ ...SAME, lost: 1, unknown: 1 });
    const moved = { id: 'c', replayId: 'elsewhere' };
    expect(compare([...entries('ab'), moved, ...entries('de')], LOG)).to.deep.equal({ ...SAME, lost: 1, unknown: 1 });
  });
});

describe('upTo', () => {
  it('gives the log up to an event and with it, and nothing without one', () => {
    expect(upTo(LOG[2], LOG)).to.deep.equal(entries('abc'));
    expect(upTo(LOG[4], LOG)).to.deep.equal(LOG);
    expect(upTo(undefined, LOG)).to.deep.equal([]);
  });
});
