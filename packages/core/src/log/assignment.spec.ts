import { expect } from 'chai';
import { seededSuite, times } from '../../test/fault/support/seeded.js';
import { assignment } from './assignment.js';

const PARTITIONS = 32;

function ownersOf(members: readonly string[], partitions = PARTITIONS): readonly string[] {
  const owners: string[] = [];
  assignment(members, partitions).forEach((share, name) => share.forEach((partition) => (owners[partition] = name)));
  return owners;
}

function moved(before: readonly string[], after: readonly string[]): number {
  return before.filter((owner, partition) => owner !== after[partition]).length;
}

describe('assignment', () => {
  const random = seededSuite(20_261_129);
  const namesOf = (count: number) =>
    Array.from({ length: count }, (_, index) => `worker-${Math.floor(random.next() * 1e9).toString(36)}-${index}`);

  it('gives each partition to one member, and all members as many or one more', () => {
    for (let draw = 0; draw < times(300); draw++) {
      const partitions = 1 + random.below(64);
      const shares = [...assignment(namesOf(1 + random.below(12)), partitions).values()];
      const sizes = shares.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).to.be.at.most(1);
      const given = shares.flat().sort((one, other) => one - other);
      expect(given).to.deep.equal(Array.from({ length: partitions }, (_, index) => index));
    }
  });

  it('gives the same, in whatever order the members are known', () => {
    for (let draw = 0; draw < times(50); draw++) {
      const names = namesOf(1 + random.below(8));
      const others = [...names, ...names].sort(() => random.next() - 0.5);
      expect(ownersOf(others)).to.deep.equal(ownersOf(names));
    }
  });

  it('moves few partitions, when a member comes or goes', () => {
    let moves = 0;
    let needed = 0;
    for (let draw = 0; draw < times(300); draw++) {
      const names = namesOf(3 + random.below(8));
      const fewer = names.slice(0, -1);
      moves += moved(ownersOf(fewer), ownersOf(names));
      needed += Math.floor(PARTITIONS / names.length);
    }
    // Sharing out by the place in a list moves nearly five times as many as must move, and this one and a half times.
    expect(moves / needed).to.be.at.most(2);
  });

  it('gives nothing to nobody', () => {
    expect([...assignment([], PARTITIONS)]).to.deep.equal([]);
  });
});
