/** How many names are told of a longer list. */
const FEW = 2;

/**
 * Names, as people list them: `Account`, `Account and Lead`, or `Account, Lead and 3 more topics`.
 *
 * @param what - What one of them is.
 */
export function someOf(names: readonly string[], what: string): string {
  const left = names.length - FEW;
  const told = left > 1 ? [...names.slice(0, FEW), `${left} more ${what}s`] : names;
  const last = told.at(-1) ?? '';
  return told.length < 2 ? last : `${told.slice(0, -1).join(', ')} and ${last}`;
}
