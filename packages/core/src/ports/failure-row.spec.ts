import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { FailureRow } from './failure-row.js';

/** Which of the attempts of a row are said, given when each of them failed. */
function saidOf(timesMs: readonly number[], firstAt?: number): number[] {
  const clock = new VirtualTimeScheduler();
  const row = new FailureRow(clock);
  return timesMs.flatMap((ms, index) => {
    clock.frame = ms;
    return row.isDue(index + 1, firstAt) ? [index + 1] : [];
  });
}

describe('FailureRow', () => {
  it('says the first failure, and one every 60 s while they go on', () => {
    expect(saidOf([0, 500, 59_999, 60_000, 90_000, 119_999, 130_000])).to.deep.equal([1, 4, 7]);
  });

  it('says nothing before the attempt at which a row counts', () => {
    expect(saidOf([0, 70_000, 70_001, 70_002, 140_000], 4)).to.deep.equal([4, 5]);
  });

  it('says the first failure of each row', () => {
    const clock = new VirtualTimeScheduler();
    const row = new FailureRow(clock);
    expect(row.isDue(1)).to.equal(true);
    expect(row.isDue(2)).to.equal(false);
    clock.frame = 10;
    expect(row.isDue(1)).to.equal(true);
  });
});
