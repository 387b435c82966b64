import type { LogEntry } from '@rxforce/emulator';
import { compare, upTo, type Comparison } from './compare.js';
import { text, type Watched } from './figures.js';

/** What the demo found out about itself. */
export interface Summary {
  /** Whether all promises were kept. */
  readonly ok: boolean;
  readonly text: string;
}

/** How a run ended. */
export interface Ending {
  /** Whether all changes were to be made and handled; otherwise it was told to stop before. */
  readonly isWhole: boolean;
  /** The log of a topic, as the server has it. */
  readonly log: (topic: string) => readonly LogEntry[];
  readonly faults: number;
  readonly logins: number;
  readonly seconds: number;
}

/** One topic, held against its log up to the position that is stored. */
interface Outcome extends Watched, Comparison {
  readonly isWhole: boolean;
  readonly made: number;
  /** Events after the stored position: the next consumer gets them. */
  readonly left: number;
}

/** One promise: a number for each topic, and whether it holds. */
interface Check {
  readonly name: string;
  readonly promise: string;
  readonly of: (outcome: Outcome) => number;
  readonly holds: (found: number, outcome: Outcome) => boolean;
}

const isZero = (found: number): boolean => found === 0;
const isAny = (): boolean => true;

const CHECKS: readonly Check[] = [
  { name: 'made', promise: "in the server's log", of: ({ made }) => made, holds: (found) => found > 0 },
  { name: 'delivered', promise: 'to the pipeline', of: ({ tally }) => tally.delivered.length, holds: isAny },
  { name: 'lost', promise: 'none', of: ({ lost }) => lost, holds: isZero },
  { name: 'duplicated', promise: 'none', of: ({ duplicated }) => duplicated, holds: isZero },
  { name: 'out of order', promise: 'none', of: ({ outOfOrder }) => outOfOrder, holds: isZero },
  { name: 'unknown', promise: 'none that is not in the log', of: ({ unknown }) => unknown, holds: isZero },
  {
    name: 'left',
    promise: 'for the next run, if this one was stopped',
    of: ({ left }) => left,
    holds: (found, { isWhole }) => found === 0 || !isWhole,
  },
  { name: 'matches', promise: 'passed the filters', of: ({ tally }) => tally.matched.events, holds: isAny },
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
    holds: (_, { burst, tally, isWhole }) =>
      !isWhole || [...burst.imported].every((id) => tally.handledRecords.has(id)),
  },
  {
    name: 'most unsettled',
    promise: 'never above the window',
    of: ({ tally }) => tally.mostUnsettled,
    holds: (found, { tally }) => found <= tally.window,
  },
  { name: 'window full', promise: 'times the server waited', of: ({ tally }) => tally.timesFull, holds: isAny },
  { name: 'reconnects', promise: 'after faults', of: ({ tally }) => tally.reconnects, holds: isAny },
  { name: 'commits', promise: 'positions saved', of: ({ tally }) => tally.commits, holds: isAny },
];

const NAME_WIDTH = 15;
const COLUMN_WIDTH = 12;

/** Holds what arrived against the log of the server. */
export function summarize(watched: readonly Watched[], ending: Ending): Summary {
  const outcomes = watched.map((each) => outcomeOf(each, ending));
  const rows = CHECKS.map(({ name, promise, of, holds }) => {
    const ok = outcomes.every((each) => holds(of(each), each));
    const cells = outcomes.map((each) => text(of(each)).padStart(COLUMN_WIDTH)).join('');
    return { ok, line: `${ok ? '✓' : '✗'} ${name.padEnd(NAME_WIDTH)}${cells}   ${promise}` };
  });
  const heading = watched.map(({ topic }) => topic.entity.padStart(COLUMN_WIDTH)).join('');
  const ok = rows.every((row) => row.ok);
  const sum = (of: (outcome: Outcome) => number): string => text(outcomes.reduce((total, each) => total + of(each), 0));
  const totals = [
    `${sum(({ tally }) => tally.delivered.length)} events`,
    `${sum(({ tally }) => tally.handled.events)} handled`,
    `${ending.faults} faults`,
    `${sum(({ tally }) => tally.reconnects)} reconnects`,
    `${ending.logins} logins`,
    `${sum(({ tally }) => tally.commits)} commits`,
    `${ending.seconds.toFixed(1)} s`,
  ];
  const verdict = [
    `lost ${sum(({ lost }) => lost)}`,
    `duplicated ${sum(({ duplicated }) => duplicated)}`,
    `out of order ${sum(({ outOfOrder }) => outOfOrder)}`,
  ];
  const lines = [
    `  ${' '.repeat(NAME_WIDTH)}${heading}`,
    ...rows.map(({ line }) => line),
    '',
    totals.join(', '),
    `${ok ? 'OK' : 'FAILED'}: ${verdict.join(', ')}`,
  ];
  return { ok, text: `${lines.join('\n')}\n` };
}

function outcomeOf(watched: Watched, { isWhole, log }: Ending): Outcome {
  const { delivered, lastSaved, topic } = watched.tally;
  const all = log(topic);
  const done = upTo(lastSaved, all);
  return { ...watched, ...compare(delivered, done), isWhole, made: all.length, left: all.length - done.length };
}
