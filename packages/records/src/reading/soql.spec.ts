import { expect } from 'chai';
import { countQuery, isRecordId, isTooWide, jobQuery, pageQuery, queryPath } from './soql.js';

const selection = { entity: 'A', columns: ['Id', 'B'], where: undefined };
const ID = '001000000000001AAA';

describe('Queries of records', () => {
  it('have no condition on ids, when they are of the first page', () => {
    expect(pageQuery(selection, undefined, 200)).to.equal('SELECT Id,B FROM A ORDER BY Id LIMIT 200');
  });

  it('begin after the last record of the page before', () => {
    expect(pageQuery(selection, ID, 200)).to.equal(`SELECT Id,B FROM A WHERE Id > '${ID}' ORDER BY Id LIMIT 200`);
  });

  it('keep the condition together, whatever it joins', () => {
    const some = { ...selection, where: 'B = 1 OR B = 2' };
    expect(pageQuery(some, ID, 5)).to.include(` WHERE (B = 1 OR B = 2) AND Id > '${ID}' `);
    expect(jobQuery(some)).to.equal('SELECT Id,B FROM A WHERE B = 1 OR B = 2');
    expect(countQuery(some)).to.equal('SELECT COUNT() FROM A WHERE B = 1 OR B = 2');
  });

  it('are the same, when the org has read them from the path', () => {
    const query = "SELECT Id,B FROM A WHERE B = 'a+b & c=%20,\u00e4\u2028' LIMIT 5";
    expect(new URL(queryPath(query), 'https://a.example').searchParams.get('q')).to.equal(query);
  });

  it('are too wide for a path, when it would have more than 14,000 characters', () => {
    const wide = (length: number) => ({ ...selection, columns: ['x'.repeat(length)] });
    const rest = queryPath(pageQuery(wide(0), ID, 2_000)).length;
    expect(isTooWide(wide(14_000 - rest))).to.equal(false);
    expect(isTooWide(wide(14_001 - rest))).to.equal(true);
  });

  it('take no other text for an id', () => {
    expect([ID, ID.slice(0, 15)].every(isRecordId)).to.equal(true);
    expect(
      ['', "001' OR Id != '", `${ID}A`, ID.slice(0, 16), `${ID.slice(0, 17)}\n`, 1, undefined].some(isRecordId),
    ).to.equal(false);
  });
});
