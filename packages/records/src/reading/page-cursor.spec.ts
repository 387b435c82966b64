import { expect } from 'chai';
import { formatCursor, markOf, parseCursor, type PagePlace } from './page-cursor.js';

const question = { entity: 'Account', where: "Name = 'secret'", fields: undefined, apiVersion: '64.0' };
const mark = markOf(question);
const job = '750000000000001AAA';
const places: readonly PagePlace[] = [
  { type: 'rest', after: '001000000000001AAA' },
  { type: 'rest', after: undefined },
  { type: 'bulk', place: { job, locator: undefined, most: 2_000, row: 0 } },
  { type: 'bulk', place: { job, locator: 'MjAwMA==', most: 50_000, row: 17 } },
];

describe('The cursor of a page', () => {
  for (const place of places) {
    it(`comes back as it was: ${JSON.stringify(place)}`, () => {
      const cursor = formatCursor(mark, place);
      expect(JSON.parse(cursor)).to.be.an('object');
      expect(parseCursor(mark, cursor)).to.deep.equal(place);
    });
  }

  it('is none, when the question is another one', () => {
    const others = [{ entity: 'Contact' }, { where: undefined }, { fields: ['Name'] }, { apiVersion: '65.0' }];
    for (const other of others) {
      const cursor = formatCursor(markOf({ ...question, ...other }), places[0]!);
      expect(parseCursor(mark, cursor), JSON.stringify(other)).to.equal(undefined);
    }
  });

  it('is none, when it is another text', () => {
    const wrong = [
      { after: "' OR" },
      { job: '../x', most: 1, row: 0 },
      { job, most: -1, row: 0 },
      { job, most: 1 },
      { job, most: 1, row: 1, locator: 5 },
    ];
    const texts = ['', '{', 'null', '[]', '5', ...wrong.map((each) => JSON.stringify({ of: mark, ...each }))];
    for (const text of texts) expect(parseCursor(mark, text), text).to.equal(undefined);
  });

  it('does not show the condition, which may hold values', () => {
    expect(formatCursor(mark, places[0]!)).to.not.include('secret');
  });
});
