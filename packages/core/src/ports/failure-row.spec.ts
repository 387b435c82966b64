import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { FailureRow } from './failure-row.js';

/** Which of the attempts of a row are said, given when each of them failed. */
function saidOf(timesMs: readonly number[], firstAt = 1): number[] {
  const clock = new VirtualTimeScheduler();
  const row = new FailureRow(clock);
  return timesMs.flatMap((ms, index) => {
    clock.frame = ms;
    return row.isDue(index + 1, { firstAt }) ? [index + 1] : [];
  });
}

describe('FailureRow', () => {
  it('says the first failure, and one every 60 s while they go on', () => {
    expect(saidOf([0, 500, 59_999, 60_000, 90_000, 119_999, 130_000])).to.deep.equal([1, 4, 7]);
  });

  it('says nothing before the attempt at which a row counts', () => {
    expect(saidOf([0, 70_000, 70_001, 70_002, 140_000], 4)).to.deep.equal([4, 5]);
  });

  it('says the first failure of another kind, and reminds of each kind by itself', () => {
    const clock = new VirtualTimeScheduler();
    const row = new FailureRow(clock);
    const isDue = (ms: number, attempt: number, kind: string) => {
      clock.frame = ms;
      return row.isDue(attempt, { kind });
    };
    expect([isDue(0, 1, 'lost'), isDue(1, 2, 'refused'), isDue(2, 3, 'lost')]).to.deep.equal([true, true, false]);
    expect([isDue(60_000, 4, 'refused'), isDue(60_000, 5, 'lost'), isDue(60_001, 6, 'refused')]).to.deep.equal([
      ...[false, true, true],
    ]);
  });

  it('says no failure without a kind within a minute of any other one', () => {
    const clock = new VirtualTimeScheduler();
    const row = new FailureRow(clock);
    row.isDue(1, { kind: 'lost' });
    clock.frame = 30_000;
    row.isDue(2, { kind: 'refused' });
    clock.frame = 60_000;
    expect(row.isDue(3)).to.equal(false);
    clock.frame = 90_000;
    expect(row.isDue(4)).to.equal(true);
  });

  it('counts, once something was said of it', () => {
    const row = new FailureRow(new VirtualTimeScheduler());
    expect(row.isDue(1, { firstAt: 4 })).to.equal(false);
    expect(row.isDue(2, { firstAt: 2, kind: 'refused' })).to.equal(true);
    expect(row.isDue(3, { firstAt: 4, kind: 'lost' })).to.equal(true);
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
