import { expect } from 'chai';
import { ReadMarks } from './read-marks.js';

const SECOND = 1_000;
const none = () => false;

describe('ReadMarks', () => {
  it('contain what was committed in an earlier second than the record was modified', () => {
    const marks = new ReadMarks(0);
    marks.note('1', 5 * SECOND + 700, 0);
    const times = [4 * SECOND + 999, 5 * SECOND, 5 * SECOND + 999, 6 * SECOND];
    expect(times.map((time) => marks.contain('1', time))).to.deep.equal([true, false, false, false]);
    expect(marks.contain('2', 0)).to.equal(false);
  });

  it('contain what the last read does', () => {
    const marks = new ReadMarks(0);
    marks.note('1', 5 * SECOND, 0);
    marks.note('1', 3 * SECOND, 0);
    expect(marks.contain('1', 3 * SECOND)).to.equal(false);
    marks.note('1', undefined, 0);
    expect([marks.contain('1', 0), marks.isEmpty]).to.deep.equal([false, true]);
  });

  it('are not kept, where they contain nothing that is asked for any more', () => {
    const marks = new ReadMarks(0);
    marks.note('1', 5 * SECOND, 0);
    marks.note('1', 5 * SECOND + 999, 5 * SECOND);
    expect(marks.isEmpty).to.equal(true);
    marks.note('1', 6 * SECOND, 5 * SECOND);
    expect(marks.isEmpty).to.equal(false);
  });

  it('are forgotten once the stream has come to their time, unless older events wait', () => {
    const marks = new ReadMarks(0);
    marks.note('1', 5 * SECOND, 0);
    marks.note('2', 5 * SECOND, 0);
    marks.note('3', 6 * SECOND, 0);
    marks.sweep(4 * SECOND + 999, none);
    const contained = () => ['1', '2', '3'].map((key) => marks.contain(key, 0));
    expect(contained()).to.deep.equal([true, true, true]);
    marks.sweep(5 * SECOND, (key) => key === '2');
    expect(contained()).to.deep.equal([false, true, true]);
    marks.sweep(6 * SECOND, none);
    expect([contained(), marks.isEmpty]).to.deep.equal([[false, false, false], true]);
  });

  it('are looked through once a second of the stream', () => {
    const marks = new ReadMarks(0);
    const asked: string[] = [];
    const ask = (key: string) => asked.push(key) > 0;
    marks.note('1', SECOND, 0);
    marks.sweep(2 * SECOND, ask);
    marks.sweep(2 * SECOND + 999, ask);
    marks.sweep(SECOND, ask);
    expect(asked).to.deep.equal(['1']);
    marks.sweep(3 * SECOND, ask);
    expect(asked).to.deep.equal(['1', '1']);
  });
});
