import { text, type Watched } from './figures.js';

/** What the demo found out about itself. */
export interface Summary {
  /** Whether all promises were kept. */
  readonly ok: boolean;
  readonly text: string;
}

/** One promise: a number for each topic, and what is wrong with it, if anything. */
interface Check {
  readonly name: string;
  readonly promise: string;
  readonly of: (watched: Watched) => number;
  readonly holds: (found: number, watched: Watched) => boolean;
}

const isZero = (found: number): boolean => found === 0;

/** The org's own count of what it made is what everything is held against. */
const CHECKS: readonly Check[] = [
  {
    name: 'made',
    promise: "the org's own count",
    of: ({ burst }) => burst.made(),
    holds: (found) => found > 0,
  },
  {
    name: 'delivered',
    promise: 'all that were made',
    of: ({ tally }) => tally.delivered.events,
    holds: (found, { burst }) => found === burst.made(),
  },
  {
    name: 'lost',
    promise: 'none',
    of: ({ burst, tally }) => burst.made() - tally.delivered.events,
    holds: isZero,
  },
  {
    name: 'duplicated',
    promise: 'none',
    of: ({ tally }) => tally.delivered.repeated,
    holds: isZero,
  },
  {
    name: 'matches',
    promise: 'imported ones and more',
    of: ({ tally }) => tally.matched.events,
    holds: (found, { burst }) => found >= burst.imported.size,
  },
  {
    name: 'handled',
    promise: 'all matches, each once',
    of: ({ tally }) => tally.handled.events,
    holds: (found, { tally }) => found === tally.matched.events && tally.handled.repeated === 0,
  },
  {
    name: 'imported',
    promise: 'records, all handled',
    of: ({ burst }) => burst.imported.size,
    holds: (_, { burst, tally }) => [...burst.imported].every((id) => tally.handledRecords.has(id)),
  },
  {
    name: 'most unsettled',
    promise: 'never above the window',
    of: ({ tally }) => tally.mostUnsettled,
    holds: (found, { tally }) => found > 0 && found <= tally.window,
  },
  {
    name: 'window full',
    promise: 'times the server waited',
    of: ({ tally }) => tally.timesFull,
    holds: () => true,
  },
];

const NAME_WIDTH = 15;
const COLUMN_WIDTH = 12;

/** Holds what arrived against what was made. */
export function summarize(watched: readonly Watched[]): Summary {
  const rows = CHECKS.map(({ name, promise, of, holds }) => {
    const ok = watched.every((each) => holds(of(each), each));
    const cells = watched.map((each) => text(of(each)).padStart(COLUMN_WIDTH)).join('');
    return { ok, line: `${ok ? '✓' : '✗'} ${name.padEnd(NAME_WIDTH)}${cells}   ${promise}` };
  });
  const heading = watched.map(({ topic }) => topic.entity.padStart(COLUMN_WIDTH)).join('');
  const ok = rows.every((row) => row.ok);
  const verdict = ok
    ? 'Every event was delivered once, and every match was handled.'
    : 'FAILED: what is marked with ✗ did not hold, or not in time.';
  return {
    ok,
    text: [`  ${' '.repeat(NAME_WIDTH)}${heading}`, ...rows.map(({ line }) => line), '', verdict, ''].join('\n'),
  };
}
