/**
 * The place of a field: its position in the schema, with the header at 0, and for a part of a compound also its
 * position there.
 */
export interface FieldPath {
  readonly position: number;
  readonly child?: number;
}

/**
 * Names fields as a change event's header does. `0x…` covers the record's own fields, `N-0x…` the fields inside the
 * compound at position N; bit i from the right is the field at position i. Empty elements are left out, so a change
 * that is only inside a compound is a single child element.
 */
export function bitmapsOf(paths: readonly FieldPath[]): string[] {
  const own = new Set<number>();
  const children = new Map<number, Set<number>>();
  for (const { position, child } of paths) {
    if (child === undefined) {
      own.add(position);
    } else {
      children.set(position, (children.get(position) ?? new Set()).add(child));
    }
  }
  const parents = [...children.keys()].sort((a, b) => a - b);
  return [
    ...(own.size > 0 ? [bitmap(own)] : []),
    ...parents.map((parent) => `${parent}-${bitmap(children.get(parent) ?? new Set())}`),
  ];
}

/** Whole bytes in upper-case hexadecimal. */
function bitmap(positions: ReadonlySet<number>): string {
  const bytes = new Uint8Array(Math.floor(Math.max(...positions) / 8) + 1);
  for (const position of positions) {
    const index = bytes.length - 1 - Math.floor(position / 8);
    bytes[index] = (bytes[index] ?? 0) | (1 << (position % 8));
  }
  return `0x${Buffer.from(bytes).toString('hex').toUpperCase()}`;
}
