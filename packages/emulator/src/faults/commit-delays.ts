import { Planned } from '../model/planned.js';
import type { Random } from '../model/random.js';

/** How long transactions stay open. */
export interface CommitDelay {
  /** In milliseconds. */
  readonly delayMs: number;
  /** Whether each stays open for a time at random, up to {@link delayMs}. */
  readonly atRandom: boolean;
}

/** Plans for transactions that stay open for a while. */
export class CommitDelays {
  private planned = new Planned<string | undefined, CommitDelay>();

  constructor(private readonly random: Random) {}

  /**
   * Lets the next transactions that change an object, or any, stay open. It takes the place of all plans so far.
   *
   * @param times - How many; infinite for all.
   */
  plan(delay: CommitDelay, entity: string | undefined, times: number): void {
    this.planned = new Planned();
    if (delay.delayMs > 0) this.planned.plan(delay, entity, times);
  }

  /**
   * How long the next transaction stays open, which changes these objects, in milliseconds; `undefined` for not at all.
   */
  next(entities: ReadonlySet<string>): number | undefined {
    const delay = this.planned.take((only) => only === undefined || entities.has(only));
    if (delay === undefined) return undefined;
    return delay.atRandom ? this.random.below(delay.delayMs + 1) : delay.delayMs;
  }
}
