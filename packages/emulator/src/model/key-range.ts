/** One end of a range of ids. */
export interface KeyBound {
  /** An id of 18 characters, which no record needs to have. */
  readonly id: string;
  /** Whether the range has the id itself. */
  readonly inclusive: boolean;
}

/** A range of ids; without an end, it has all ids on that side. */
export interface KeyRange {
  readonly from?: KeyBound;
  readonly to?: KeyBound;
}

/** Whether an id lies in a range. */
export function isWithin(id: string, { from, to }: KeyRange): boolean {
  const isBehindStart = from === undefined || id > from.id || (from.inclusive && id === from.id);
  return isBehindStart && (to === undefined || id < to.id || (to.inclusive && id === to.id));
}

/** The ids that lie in all of some ranges. */
export function common(ranges: readonly KeyRange[]): KeyRange {
  return ranges.reduce<KeyRange>((all, { from = all.from, to = all.to }) => {
    const start = all.from !== undefined && from !== undefined && isTighter(all.from, from, 1) ? all.from : from;
    const end = all.to !== undefined && to !== undefined && isTighter(all.to, to, -1) ? all.to : to;
    return { ...(start !== undefined && { from: start }), ...(end !== undefined && { to: end }) };
  }, {});
}

/** Whether one bound leaves less than another, at the start (1) or at the end (-1) of a range. */
function isTighter(one: KeyBound, other: KeyBound, side: 1 | -1): boolean {
  if (one.id === other.id) return !one.inclusive;
  return one.id > other.id === (side === 1);
}
