import { expect } from 'chai';
import { isRelativeDate, spanOf } from './relative-dates.js';

/** A Thursday in a leap year's first quarter. */
const NOW = Date.UTC(2024, 1, 29, 13, 45);

describe('spanOf', () => {
  const spans: readonly (readonly [string, number, string, string])[] = [
    ['TODAY', 0, '2024-02-29', '2024-03-01'],
    ['YESTERDAY', 0, '2024-02-28', '2024-02-29'],
    ['TOMORROW', 0, '2024-03-01', '2024-03-02'],
    ['LAST_N_DAYS', 30, '2024-01-30', '2024-03-01'],
    ['LAST_N_DAYS', 0, '2024-02-29', '2024-03-01'],
    ['NEXT_N_DAYS', 2, '2024-03-01', '2024-03-03'],
    ['LAST_90_DAYS', 0, '2023-12-01', '2024-03-01'],
    ['NEXT_90_DAYS', 0, '2024-03-01', '2024-05-30'],
    ['N_DAYS_AGO', 1, '2024-02-28', '2024-02-29'],
    ['THIS_WEEK', 0, '2024-02-25', '2024-03-03'],
    ['LAST_WEEK', 0, '2024-02-18', '2024-02-25'],
    ['NEXT_N_WEEKS', 2, '2024-03-03', '2024-03-17'],
    ['LAST_MONTH', 0, '2024-01-01', '2024-02-01'],
    ['NEXT_MONTH', 0, '2024-03-01', '2024-04-01'],
    ['LAST_N_MONTHS', 3, '2023-11-01', '2024-02-01'],
    ['THIS_QUARTER', 0, '2024-01-01', '2024-04-01'],
    ['LAST_QUARTER', 0, '2023-10-01', '2024-01-01'],
    ['N_QUARTERS_AGO', 2, '2023-07-01', '2023-10-01'],
    ['THIS_YEAR', 0, '2024-01-01', '2025-01-01'],
    ['LAST_N_YEARS', 2, '2022-01-01', '2024-01-01'],
  ];
  for (const [name, count, from, to] of spans) {
    it(`ends before ${to}, when it is ${name}:${count} and begins with ${from}`, () => {
      expect(isRelativeDate(name)).to.be.true;
      expect(spanOf(name, count, NOW)).to.deep.equal({ from: Date.parse(from), to: Date.parse(to) });
    });
  }

  it('knows no other word, whatever it resembles', () => {
    for (const name of ['THIS_DAY', 'LAST_N_FORTNIGHTS', 'N_DAYS', 'toString', 'today']) {
      expect(isRelativeDate(name), name).to.be.false;
    }
  });
});
