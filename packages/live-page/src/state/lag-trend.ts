/** How far back the trend looks, in milliseconds. */
const LOOKS_BACK_MS = 30_000;
/** Readings that are nearer to each other than this are one, in milliseconds. */
const APART_MS = 1_000;
/** A trend of less time than this says nothing, in milliseconds. */
const LEAST_MS = 3_000;

interface Sample {
  readonly at: number;
  readonly lagMs: number;
}

/** Tells from a few readings of a lag how long it takes until the lag is gone. */
export class LagTrend {
  private samples: Sample[] = [];

  /** The lag at this time; `undefined` where nobody knows. */
  add(at: number, lagMs: number | undefined): void {
    if (lagMs === undefined || lagMs === 0) {
      this.samples = [];
      return;
    }
    const last = this.samples.at(-1);
    if (last && at - last.at < APART_MS) return;
    this.samples = [...this.samples.filter((sample) => at - sample.at <= LOOKS_BACK_MS), { at, lagMs }];
  }

  /** About how long it takes until the lag is gone, in milliseconds. `undefined` where it does not become less. */
  get clearsInMs(): number | undefined {
    const [first] = this.samples;
    const last = this.samples.at(-1);
    if (!first || !last || last.at - first.at < LEAST_MS) return undefined;
    const less = first.lagMs - last.lagMs;
    return less > 0 ? Math.round((last.lagMs * (last.at - first.at)) / less) : undefined;
  }
}
