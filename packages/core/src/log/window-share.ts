import type { DemandOptions } from '../stream-life/demand.js';

/** The window of each partition: its own bound, and its share of what all partitions may have together. */
export class WindowShare implements DemandOptions {
  private partitions = 1;

  /** @param total - Most events of all partitions together that are outstanding or unsettled. */
  constructor(
    private readonly most: DemandOptions,
    private readonly total: number,
  ) {}

  /** So many partitions share the window from here on. */
  among(partitions: number): void {
    this.partitions = Math.max(1, partitions);
  }

  get window(): number {
    return Math.min(this.most.window, Math.max(1, Math.floor(this.total / this.partitions)));
  }

  get refillAt(): number {
    const { window, refillAt } = this.most;
    return Math.max(1, Math.floor((this.window * refillAt) / window));
  }
}
