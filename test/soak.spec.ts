import { expect } from 'chai';
import { parseSoakOptions } from '../scripts/soak/options.js';
import { rowOf, sentenceOf, trendOf, type Sample } from '../scripts/soak/trend.js';

describe('The trend of a soak', () => {
  const sampleAt = (minute: number, heapMb: number): Sample => ({
    ...{ minute, heapMb, externalMb: 4, rssMb: 150, events: 1_000, reconnects: 3, schemas: 64 },
  });
  const heapOf = (minutes: number, heapAt: (minute: number) => number) =>
    Array.from({ length: minutes }, (_, index) => sampleAt(index + 1, heapAt(index + 1)));
  /** Goes up and down, as a heap does. */
  const wave = (minute: number) => (minute % 3) - 1;

  it('is flat, when caches have filled and nothing is kept', () => {
    const { from, verdict, mbPerMinute } = trendOf(heapOf(60, (minute) => 40 - 20 / minute + wave(minute)));
    expect([from, verdict]).to.deep.equal([12, 'flat']);
    expect(mbPerMinute).to.be.within(-0.1, 0.1);
  });

  it('grows, when 0.8 MB are kept each minute', () => {
    const trend = trendOf(heapOf(60, (minute) => 30 + 0.8 * minute + wave(minute)));
    expect(trend.verdict).to.equal('grows');
    expect(trend.mbPerMinute).to.be.closeTo(0.8, 0.05);
    expect(sentenceOf(trend)).to.match(/^The heap grows: \+0\.8\d* MB a minute from minute 12\.0 on \(49 samples/);
  });

  it('does not go by one sample in the middle of a burst', () => {
    const samples = heapOf(30, () => 40);
    expect(trendOf([...samples, sampleAt(31, 400)])).to.include({ verdict: 'flat', mbPerMinute: 0 });
  });

  it('is of the second half of a short run, and of none that has too few samples', () => {
    const short = heapOf(14, (minute) => (minute < 7 ? 10 * minute : 70));
    expect(trendOf(short)).to.include({ from: 7, samples: 8, verdict: 'flat' });
    expect(trendOf(heapOf(3, (minute) => minute)).verdict).to.equal('too short to tell');
    expect(trendOf([])).to.include({ samples: 0, verdict: 'too short to tell' });
  });

  it('is printed with the figures of each minute', () => {
    expect(rowOf(sampleAt(1, 34.567)).trim().split(/\s+/)).to.deep.equal([
      '1.0',
      '34.57',
      '4.00',
      '150',
      '1000',
      '3',
      '64',
    ]);
  });
});

describe('The command line of a soak', () => {
  it('is an hour with 50 events a second, where nothing else is said', () => {
    expect(parseSoakOptions([])).to.deep.equal({ minutes: 60, eventsPerSecond: 50 });
    expect(parseSoakOptions(['--minutes', '1.5', '--rate=200'])).to.deep.equal({ minutes: 1.5, eventsPerSecond: 200 });
  });

  for (const wrong of [
    ['--minutes', '0'],
    ['--minutes', 'ten'],
    ['--rate', ''],
    ['--rate=-1'],
    ['--hours', '1'],
    ['5'],
  ]) {
    it(`refuses ${wrong.join(' ') || 'nothing'}`, () => expect(() => parseSoakOptions(wrong)).to.throw());
  }
});
