import { fnv1a } from '../model/partition.js';

/**
 * Shares the partitions of a log out among members: by highest random weight, with a bound. Each partition goes to the
 * member whose hash with it is highest, among those that have room. All members have the same number of partitions, or
 * one more. When a member comes or goes, few partitions move.
 *
 * All who know the same members compute the same, in whatever order they know them.
 *
 * @param members - The names of the members. One that is named twice counts once.
 * @returns The partitions of each member, ascending.
 */
export function assignment(members: readonly string[], partitions: number): ReadonlyMap<string, readonly number[]> {
  const names = [...new Set(members)].sort();
  const shares = names.map((name): Share => ({ name, hash: fnv1a(name), share: [] }));
  if (shares.length === 0) return new Map();
  const least = Math.floor(partitions / shares.length);
  let larger = partitions % shares.length;
  for (let partition = 0; partition < partitions; partition++) {
    const hasRoom = ({ length }: readonly number[]) => length < least || (length === least && larger > 0);
    const share = heaviest(shares, partition, hasRoom)?.share;
    if (share?.length === least) larger--;
    share?.push(partition);
  }
  return new Map(shares.map(({ name, share }) => [name, share]));
}

/** What a member has got so far. */
interface Share {
  readonly name: string;
  /** The hash of its name. */
  readonly hash: number;
  readonly share: number[];
}

/** The member with the largest weight, among those that have room. */
function heaviest(shares: readonly Share[], partition: number, hasRoom: (share: readonly number[]) => boolean) {
  const text = Buffer.from(` ${partition}`);
  let found: Share | undefined;
  let most = -1;
  for (const each of shares) {
    const weight = hasRoom(each.share) ? mixed(fnv1a(text, each.hash)) : -1;
    // Of two that weigh the same, the first by name.
    if (weight > most) [found, most] = [each, weight];
  }
  return found;
}

/** The end of MurmurHash3: names that differ in their last character alone must get unlike weights. */
function mixed(hash: number): number {
  let bits = hash;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
