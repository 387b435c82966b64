import type { Tally } from './tally.js';

/** The least time that a rate is the mean over, in milliseconds; timers come a little early at times. */
const ABOUT_A_SECOND_MS = 950;

interface Sample {
  readonly at: number;
  readonly delivered: number;
}

/** How fast the events of one topic come. */
export class Rate {
  /** From the newest that is a second old. */
  private samples: readonly Sample[];

  constructor(private readonly tally: Tally) {
    this.samples = [this.sample()];
  }

  /** Takes note of how many have come by now, and gives events per second over the last second. */
  measure(): number {
    const now = this.sample();
    const start = this.samples.findLastIndex(({ at }) => now.at - at >= ABOUT_A_SECOND_MS);
    this.samples = [...this.samples.slice(Math.max(0, start)), now];
    const [first = now] = this.samples;
    return first === now ? 0 : Math.round((1_000 * (now.delivered - first.delivered)) / (now.at - first.at));
  }

  private sample(): Sample {
    return { at: performance.now(), delivered: this.tally.delivered.length };
  }
}
