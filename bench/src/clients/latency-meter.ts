import { endWithParent, parameters, tellParent } from '../processes/child-side.js';
import type { ClientParameters, ClientResult } from '../processes/messages.js';
import { millisecondsSince } from '../stamp.js';
import { fail } from './process-figures.js';

/** Measures how long events are on their way, from the stamp that they bear to the handler. */
export class LatencyMeter {
  readonly parameters = parameters<ClientParameters>();
  readonly fail = fail;
  private readonly latenciesMs: number[] = [];
  private count = 0;
  private startMs = Infinity;

  constructor() {
    endWithParent();
  }

  /** Handles one event, given the field of its header that bears the stamp. */
  handled(commitTimestamp: number | bigint): void {
    const { warmUp, measured } = this.parameters;
    if (++this.count <= warmUp.events) return;
    const nowMs = performance.now();
    this.startMs = Math.min(this.startMs, nowMs);
    this.latenciesMs.push(millisecondsSince(Number(commitTimestamp)));
    if (this.latenciesMs.length === measured.events || nowMs - this.startMs >= measured.longestMs) this.report();
  }

  private report(): void {
    const sorted = this.latenciesMs.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
    tellParent({ p50Ms: at(0.5), p99Ms: at(0.99) } satisfies ClientResult, () => process.exit());
  }
}
