import { expect } from 'chai';
import { createRandom } from './random.js';

describe('createRandom', () => {
  it('makes the same choices, when the seed is the same', () => {
    const [one, same, other] = [createRandom(3), createRandom(3), createRandom(4)].map((random) =>
      Array.from({ length: 5 }, () => random.below(1000)),
    );
    expect(one).to.deep.equal(same).and.not.to.deep.equal(other);
  });

  it('stays below its limit, when many numbers are drawn', () => {
    const random = createRandom(1);
    const drawn = new Set(Array.from({ length: 1000 }, () => random.below(3)));
    expect([...drawn].sort()).to.deep.equal([0, 1, 2]);
  });

  it('makes UUIDs of version 4 that differ, when many are made', () => {
    const random = createRandom(1);
    const uuids = Array.from({ length: 1000 }, () => random.uuid());
    expect(new Set(uuids).size).to.equal(1000);
    for (const uuid of uuids) {
      expect(uuid).to.match(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    }
  });
});
