import { expect } from 'chai';
import { someOf } from './some-of.js';

describe('someOf', () => {
  it('names all of a few, and some of many', () => {
    const of = (count: number) => someOf(['a', 'b', 'c', 'd', 'e'].slice(0, count), 'topic');
    expect([1, 2, 3, 4, 5].map(of)).to.deep.equal([
      ...['a', 'a and b', 'a, b and c', 'a, b and 2 more topics', 'a, b and 3 more topics'],
    ]);
    expect(of(0)).to.equal('');
  });
});
