import { expect } from 'chai';
import { groupBy } from './group-by.js';

describe('groupBy', () => {
  it('keeps the order of items and of keys, when keys alternate', () => {
    const groups = groupBy(['b1', 'a1', 'b2'], (item) => item.slice(0, 1));
    expect([...groups]).to.deep.equal([
      ['b', ['b1', 'b2']],
      ['a', ['a1']],
    ]);
  });

  it('gives nothing, when there are no items', () => {
    expect(groupBy([], String).size).to.equal(0);
  });
});
