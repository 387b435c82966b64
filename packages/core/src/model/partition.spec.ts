import { expect } from 'chai';
import { ConfigurationError } from './errors.js';
import { fnv1a, partitionOf } from './partition.js';

/** Programs in other languages compare themselves with these: the id, its partition of 32, and its partition of 7. */
const VECTORS: readonly (readonly [id: string, of32: number, of7: number])[] = [
  ['001000000000001AAA', 7, 4],
  ['001000000000002AAA', 26, 2],
  ['0015500001WPlVrAAX', 6, 3],
  ['0035500001cyLxYAAU', 2, 4],
  ['a0B5500000CFOyTEAX', 11, 4],
  ['0065500000CjHlfAAF', 10, 5],
  ['5005500001KpAbCAAV', 2, 3],
  ['00Q5500000rTuVwEAK', 12, 2],
  ['01t550000AbCdEfGAX', 31, 5],
  ['7015500000zYxWvAAI', 1, 5],
];

describe('partitionOf', () => {
  it('is as FNV-1a says, for texts that its authors give', () => {
    expect(['', 'a', 'foobar'].map((text) => fnv1a(text))).to.deep.equal([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  for (const [id, of32, of7] of VECTORS) {
    it(`gives ${of32} of 32 and ${of7} of 7, for ${id}`, () => {
      expect([partitionOf(id, 32), partitionOf(id, 7)]).to.deep.equal([of32, of7]);
    });
  }

  it('is the same for both forms of an id', () => {
    expect(partitionOf('0015500001WPlVr', 32)).to.equal(partitionOf('0015500001WPlVrAAX', 32));
  });

  it('spreads the ids of an org', () => {
    const counts = new Array<number>(32).fill(0);
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    for (let number = 0; number < 32_000; number++) {
      let rest = number;
      let text = '';
      for (let place = 0; place < 6; place++) {
        text = digits.charAt(rest % 62) + text;
        rest = Math.floor(rest / 62);
      }
      counts[partitionOf(`001Qy0000${text}AAA`, 32)]! += 1;
    }
    expect(Math.min(...counts)).to.be.greaterThan(800);
    expect(Math.max(...counts)).to.be.lessThan(1_200);
  });

  it('throws a ConfigurationError, when there is no partition', () => {
    expect(() => partitionOf('001000000000001AAA', 0))
      .to.throw()
      .that.satisfies(ConfigurationError.is);
  });
});
