import { expect } from 'chai';
import fc from 'fast-check';
import { common, isWithin, type KeyRange } from './key-range.js';

const IDS = ['a', 'b', 'c', 'd', 'e'];

describe('common', () => {
  it('has the ids that lie in all ranges, whatever their ends', () => {
    fc.assert(
      fc.property(fc.array(ranges(), { maxLength: 4 }), (all) => {
        const expected = IDS.filter((id) => all.every((range) => isWithin(id, range)));
        expect(IDS.filter((id) => isWithin(id, common(all)))).to.deep.equal(expected);
      }),
    );
  });
});

describe('isWithin', () => {
  it('tells an end that belongs to the range from one that does not', () => {
    const inside = (range: KeyRange) => IDS.filter((id) => isWithin(id, range)).join('');
    expect(inside({})).to.equal('abcde');
    expect(inside({ from: { id: 'b', inclusive: true }, to: { id: 'd', inclusive: false } })).to.equal('bc');
    expect(inside({ from: { id: 'b', inclusive: false }, to: { id: 'd', inclusive: true } })).to.equal('cd');
  });
});

function ranges(): fc.Arbitrary<KeyRange> {
  const bound = fc.record({ id: fc.constantFrom(...IDS), inclusive: fc.boolean() });
  return fc.record({ from: bound, to: bound }, { requiredKeys: [] });
}
