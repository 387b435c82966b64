/** Most single-letter edits between a name and the one that was meant. */
const MOST_EDITS = 3;

/** The name that was probably meant by an unknown one. `undefined` where none is close. */
export function closestName(unknown: string, names: readonly string[]): string | undefined {
  const wanted = plain(unknown);
  let closest: string | undefined;
  // A short name must not become another one by edits only.
  let fewest = Math.min(MOST_EDITS, Math.floor(wanted.length / 2)) + 1;
  for (const name of names) {
    const edits = editsBetween(wanted, plain(name));
    if (edits < fewest) [closest, fewest] = [name, edits];
  }
  return closest;
}

/** Users forget the `__c`, and get case and underscores wrong. */
function plain(name: string): string {
  return name.replace(/__c$/i, '').replaceAll('_', '').toLowerCase();
}

/** Levenshtein's distance, row by row. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [at, letter] of Array.from(from).entries()) {
    const next = [at + 1];
    for (let index = 0; index < to.length; index++) {
      const replaced = (row[index] ?? 0) + (letter === to[index] ? 0 : 1);
      next.push(Math.min(replaced, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
