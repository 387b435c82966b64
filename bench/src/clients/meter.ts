import { endWithParent, parameters, tellParent } from '../processes/child-side.js';
import type { ClientParameters, ClientResult } from '../processes/messages.js';
import { OrderCheck } from './order-check.js';
import { cpuMicros, fail, peakRssMb, rssMb } from './process-figures.js';

/**
 * Looks at the clock once in so many events: as many as two full responses have, so that a look is never in
 * mid-response.
 */
const EVENTS_BETWEEN_LOOKS = 100;

/** Where the time begins that counts. */
interface Start {
  readonly timeMs: number;
  readonly cpuMicros: number;
  readonly count: number;
}

/**
 * Counts the events that a client handles, does the work on them, and when enough were counted reports to the parent
 * and ends the process. It also checks the events; see {@link OrderCheck}.
 */
export class Meter<Parameters extends ClientParameters = ClientParameters> {
  readonly parameters = parameters<Parameters>();
  readonly fail = fail;
  private readonly check: OrderCheck;
  private readonly workMs = this.parameters.workMs;
  private count = 0;
  private nextLook = this.parameters.firstEventOnly ? 1 : EVENTS_BETWEEN_LOOKS;
  private firstMs: number | undefined;
  private start: Start | undefined;
  private done = false;

  /** @param lastCommitNumber - The commit number of the topic's last event, before the first comes again. */
  constructor(lastCommitNumber: bigint) {
    this.check = new OrderCheck(lastCommitNumber);
    endWithParent();
  }

  /** Handles one event, given two fields of its header. */
  handled(sequenceNumber: number, commitNumber: number | bigint): void {
    this.check.take(sequenceNumber, commitNumber);
    this.add(1);
  }

  /** Counts events that nobody looks into. */
  add(events: number): void {
    if (this.workMs > 0) keepBusy(this.workMs);
    this.count += events;
    if (this.count < this.nextLook) return;
    this.nextLook += EVENTS_BETWEEN_LOOKS;
    this.look();
  }

  /** Ends the measurement because the client's events are wrong. */
  wrong(problem: string): void {
    this.report({ problem });
  }

  private look(): void {
    const { firstEventOnly, warmUp, measured } = this.parameters;
    const nowMs = performance.now();
    this.firstMs ??= nowMs;
    if (firstEventOnly) {
      this.report({ startCpuMs: cpuMicros() / 1_000, startWallMs: nowMs, rssMb: rssMb() });
    } else if (this.start === undefined) {
      if (this.count < warmUp.events && nowMs - this.firstMs < warmUp.longestMs) return;
      this.start = { timeMs: nowMs, cpuMicros: cpuMicros(), count: this.count };
    } else if (this.count - this.start.count >= measured.events || nowMs - this.start.timeMs >= measured.longestMs) {
      this.reportSince(this.start, nowMs);
    }
  }

  private reportSince(start: Start, nowMs: number): void {
    const events = this.count - start.count;
    this.report({
      eventsPerSecond: (events / (nowMs - start.timeMs)) * 1_000,
      cpuMicros: (cpuMicros() - start.cpuMicros) / events,
      rssMb: peakRssMb(),
    });
  }

  private report(result: ClientResult): void {
    if (this.done) return;
    this.done = true;
    const { problem } = this.check;
    tellParent({ ...result, ...(problem !== undefined && { problem }) }, () => process.exit());
  }
}

function keepBusy(durationMs: number): void {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs);
}
