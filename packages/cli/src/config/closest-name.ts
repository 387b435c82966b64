/**
 * The name that was probably meant.
 *
 * @returns `undefined` where none is close: more than a third of the letters differ, and it is the beginning of none.
 */
export function closestName(given: string, names: readonly string[]): string | undefined {
  const distances = names.map((name) => ({ name, slips: slipsBetween(given, name) }));
  const [closest] = distances.sort((a, b) => a.slips - b.slips);
  if (closest !== undefined && closest.slips <= mostSlips(given)) return closest.name;
  // Units are forgotten: `retry_delay` for `retry_delay_seconds`.
  return names.find((name) => name.startsWith(`${given.toLowerCase()}_`));
}

/** How many slips a name may have in which another one is seen. */
export function mostSlips(given: string): number {
  return Math.max(1, Math.floor(given.length / 3));
}

/** The letters to add, remove, change or swap with their neighbour. Small and capital letters are the same. */
export function slipsBetween(given: string, name: string): number {
  return distanceOf(given.toLowerCase(), name.toLowerCase());
}

/** "Did you mean …?" with a space before it, or an empty text. */
export function didYouMean(given: string, names: readonly string[]): string {
  const closest = closestName(given, names);
  return closest === undefined ? '' : ` Did you mean ${closest}?`;
}

function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
