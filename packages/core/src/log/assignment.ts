import { fnv1a } from '../model/partition.js';

/**
 * Shares the partitions of a log out among members: by highest random weight, with a bound. Each partition goes to the
 * member whose hash with it is highest, among those that have room. All members have the same number of partitions, or one
 * more. When a member comes or goes, few partitions move.
 *
 * All who know the same members compute the same, in whatever order they know them.
 *
 * @param members - The names of the members. One that is named twice counts once.
 * @returns The partitions of each member, ascending.
 */
export function assignment(members: readonly string[], partitions: number): ReadonlyMap<string, readonly number[]> {
  const names = [...new Set(members)].sort();
  const shares = new Map<string, number[]>(names.map((name) => [name, []]));
  if (names.length === 0) return shares;
  const least = Math.floor(partitions / names.length);
  let larger = partitions % names.length;
  for (let partition = 0; partition < partitions; partition++) {
    const share = byWeight(names, partition)
      .map((name) => shares.get(name) ?? [])
      .find(({ length }) => length < least || (length === least && larger > 0));
    if (share?.length === least) larger--;
    share?.push(partition);
  }
  return shares;
}

/** The members, the one with the largest weight first. */
function byWeight(names: readonly string[], partition: number): readonly string[] {
  return names
    .map((name) => ({ name, weight: mixed(fnv1a(`${name} ${partition}`)) }))
    .sort((one, other) => other.weight - one.weight || (one.name < other.name ? -1 : 1))
    .map(({ name }) => name);
}

/** The end of MurmurHash3: names that differ in their last character alone must get unlike weights. */
function mixed(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
