import { expect } from 'chai';
import { bitmapsOf } from './bitmaps.js';

describe('bitmapsOf', () => {
  it('names nothing, when there are no fields', () => {
    expect(bitmapsOf([])).to.deep.equal([]);
  });

  it('writes what the live service wrote, when fields are beyond the 64th', () => {
    expect(bitmapsOf([{ position: 23 }])).to.deep.equal(['0x800000']);
    expect(bitmapsOf([{ position: 82 }, { position: 71 }])).to.deep.equal(['0x0400800000000000000000']);
  });

  it('writes one element alone, when only parts of a compound are named', () => {
    expect(bitmapsOf([7, 8].map((child) => ({ position: 6, child })))).to.deep.equal(['6-0x0180']);
  });

  it('writes whole bytes, when the bits would need less', () => {
    expect(bitmapsOf([{ position: 1 }])).to.deep.equal(['0x02']);
    expect(bitmapsOf([{ position: 8 }])).to.deep.equal(['0x0100']);
  });

  it('writes compounds in the order of their positions, after the record itself', () => {
    const paths = [{ position: 12, child: 0 }, { position: 5, child: 3 }, { position: 2 }, { position: 5, child: 1 }];
    expect(bitmapsOf(paths)).to.deep.equal(['0x04', '5-0x0A', '12-0x01']);
  });
});
