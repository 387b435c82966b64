/** A span of time, in milliseconds since 1970: including its beginning, excluding its end. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

const DAY_MS = 86_400_000;
const DAYS_AROUND = new Map([
  ['YESTERDAY', -1],
  ['TODAY', 0],
  ['TOMORROW', 1],
]);
/** `LAST_90_DAYS` and `NEXT_90_DAYS` are `LAST_N_DAYS:90` and `NEXT_N_DAYS:90`. */
const NINETY_DAYS = /^(LAST|NEXT)_90_DAYS$/;
/** `LAST_WEEK` and its like. */
const AROUND = /^(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR)$/;
/** `LAST_N_DAYS:n` and its like. */
const SEVERAL = /^(LAST|NEXT)_N_(DAY|WEEK|MONTH|QUARTER|YEAR)S$/;
/** `N_DAYS_AGO:n` and its like. */
const AGO = /^N_(DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO$/;

/** Whether this upper-case word is a date that depends on today. */
export function isRelativeDate(name: string): boolean {
  return DAYS_AROUND.has(name) || [NINETY_DAYS, AROUND, SEVERAL, AGO].some((pattern) => pattern.test(name));
}

/**
 * The span of a date that depends on today, in UTC, as the emulated user's time zone is. Weeks begin on Sunday.
 *
 * @param name - A name that {@link isRelativeDate} accepts.
 * @param count - The number after the colon, where the name contains `N`.
 * @param now - The time, in milliseconds since 1970.
 */
export function spanOf(name: string, count: number, now: number): TimeSpan {
  const day = DAYS_AROUND.get(name);
  if (day !== undefined) return units('DAY', now, day, 1);
  const [, ninety] = NINETY_DAYS.exec(name) ?? [];
  if (ninety !== undefined) return spanOf(`${ninety}_N_DAYS`, 90, now);
  const [, side, around] = AROUND.exec(name) ?? [];
  if (around !== undefined) return units(around as Unit, now, side === 'LAST' ? -1 : side === 'NEXT' ? 1 : 0, 1);
  const [, several, unit] = SEVERAL.exec(name) ?? [];
  if (unit !== undefined) {
    return several === 'NEXT' ? units(unit as Unit, now, 1, count) : last(unit as Unit, now, count);
  }
  const [, ago] = AGO.exec(name) ?? [];
  return units(ago as Unit, now, -count, 1);
}

/** The last days end with today; the last weeks, months, quarters and years end before the current one. */
function last(unit: Unit, now: number, count: number): TimeSpan {
  return units(unit, now, -count, unit === 'DAY' ? count + 1 : count);
}

/** A number of units, from the one at this distance from the current one. */
function units(unit: Unit, now: number, first: number, count: number): TimeSpan {
  return { from: startOf(unit, now, first), to: startOf(unit, now, first + count) };
}

function startOf(unit: Unit, now: number, distance: number): number {
  const date = new Date(now);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  switch (unit) {
    case 'DAY':
      return (Math.floor(now / DAY_MS) + distance) * DAY_MS;
    case 'WEEK':
      return (Math.floor(now / DAY_MS) - date.getUTCDay() + 7 * distance) * DAY_MS;
    case 'MONTH':
      return Date.UTC(year, month + distance);
    case 'QUARTER':
      return Date.UTC(year, month - (month % 3) + 3 * distance);
    case 'YEAR':
      return Date.UTC(year + distance, 0);
  }
}
