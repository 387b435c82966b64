import { expect } from 'chai';
import fc from 'fast-check';
import { DecodeError } from '../model/errors.js';
import { fieldNamesOf, type BitmapField } from './bitmaps.js';

const address = { name: 'Address', children: ['Street', 'City', 'State', 'PostalCode', 'Country', 'A', 'B', 'C', 'D'] };
const fields: BitmapField[] = [
  { name: 'ChangeEventHeader' },
  { name: 'Name' },
  address,
  ...Array.from({ length: 97 }, (_, index) => ({ name: `F${index + 3}` })),
];

describe('fieldNamesOf', () => {
  it('names the fields of the bits, from the least significant', () => {
    expect(fieldNamesOf(['0x02'], fields)).to.deep.equal(['Name']);
    expect(fieldNamesOf(['0x0400800a'], fields)).to.deep.equal(['Name', 'F3', 'F15', 'F26']);
  });

  it('reads bitmaps longer than 64 bits', () => {
    expect(fieldNamesOf(['0x040080000000000000000000'], fields)).to.deep.equal(['F79', 'F90']);
  });

  it('names the children of a compound with their parent', () => {
    expect(fieldNamesOf(['0x02', '2-0x0102'], fields)).to.deep.equal(['Name', 'Address.City', 'Address.D']);
  });

  it('reads an element for children that stands alone', () => {
    expect(fieldNamesOf(['2-0x03'], fields)).to.deep.equal(['Address.Street', 'Address.City']);
  });

  it('names the parent alone, when all children were nulled at once', () => {
    expect(fieldNamesOf(['0x04'], fields)).to.deep.equal(['Address']);
  });

  it('is empty for no bitmaps, and for zeros', () => {
    expect(fieldNamesOf([], fields)).to.deep.equal([]);
    expect(fieldNamesOf(['0x000000'], fields)).to.deep.equal([]);
  });

  for (const bad of ['', '0x', '80', '0xzz', '-0x01', '2-', '2-80', '0x01 ']) {
    it(`refuses "${bad}"`, () => {
      expect(() => fieldNamesOf([bad], fields)).to.throw(DecodeError, 'not a field bitmap');
    });
  }

  for (const beyond of ['0x80000000000000000000000000', '2-0x0200', '1-0x01', '200-0x01']) {
    it(`refuses ${beyond}, which names a position that the schema lacks`, () => {
      expect(() => fieldNamesOf([beyond], fields)).to.throw(DecodeError, 'position');
    });
  }

  it('gives back any set of positions, however it was padded', () => {
    const positions = fc.uniqueArray(fc.integer({ min: 0, max: fields.length - 1 }));
    fc.assert(
      fc.property(positions, fc.nat({ max: 10 }), (set, padding) => {
        const bits = set.reduce((sum, position) => sum | (1n << BigInt(position)), 0n);
        const hex = '00'.repeat(padding) + bits.toString(16);
        const names = set.sort((a, b) => a - b).map((position) => fields[position]?.name);
        expect(fieldNamesOf([`0x${hex}`], fields)).to.deep.equal(names);
      }),
    );
  });
});
