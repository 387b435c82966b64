import type { Burst } from './burst.js';
import { Rate } from './rate.js';
import type { Tally } from './tally.js';
import type { DemoTopic } from './topics.js';

/** One topic as it is watched: what the org does to it, and what arrives of that. */
export interface Watched {
  readonly topic: DemoTopic;
  readonly burst: Burst;
  readonly tally: Tally;
}

/** One figure of a topic, as it is at this moment. */
export interface Figure {
  readonly name: string;
  readonly meaning: string;
  readonly of: (watched: Watched) => number | string;
}

/** What is shown while the demo runs. */
export const FIGURES: readonly Figure[] = [
  { name: 'at server', meaning: 'made, not delivered yet', of: atServer },
  { name: 'outstanding', meaning: 'asked, not delivered yet', of: ({ tally }) => tally.outstanding },
  { name: 'in flight', meaning: 'delivered, not settled yet', of: ({ tally }) => tally.inFlight },
  { name: 'window', meaning: 'most of these two together', of: ({ tally }) => tally.window },
  { name: 'delivered', meaning: 'received', of: ({ tally }) => tally.delivered.length },
  { name: 'matches', meaning: 'passed the filters', of: ({ tally }) => tally.matched.events },
  { name: 'handled', meaning: 'work done', of: ({ tally }) => tally.handled.events },
  { name: 'commits', meaning: 'positions saved', of: ({ tally }) => tally.commits },
];

function atServer({ burst, tally }: Watched): number {
  return burst.made() - tally.delivered.length;
}

/** How fast events come, measured whenever it is asked. */
export function rateFigure(watched: readonly Watched[]): Figure {
  const rates = new Map(watched.map(({ tally }) => [tally, new Rate(tally)]));
  return {
    name: 'events/s',
    meaning: 'delivered, in a second',
    of: ({ tally }) => rates.get(tally)?.measure() ?? 0,
  };
}

const BAR_CELLS = 10;

/** The window as a picture. */
export const BAR: Figure = {
  name: '',
  meaning: '█ in flight  ░ outstanding',
  of: ({ tally: { inFlight, outstanding, window } }) => {
    const cells = (events: number): number => Math.round((BAR_CELLS * events) / Math.max(1, window));
    const working = '█'.repeat(cells(inFlight));
    return working.padEnd(cells(inFlight + outstanding), '░').padEnd(BAR_CELLS, '·');
  },
};

/** A cell's text: large numbers with commas. */
export function text(cell: number | string): string {
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;
}
