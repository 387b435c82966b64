import { endWithParent, parameters, tellParent } from '../processes/child-side.js';
import type { ClientParameters, ClientResult } from '../processes/messages.js';
import { RING_SIZE } from '../server/topics.js';

/** Looks at the clock once in so many events: as many as a full response has, so that a look is never in mid-response. */
const EVENTS_BETWEEN_LOOKS = 100;

const BYTES_PER_MB = 1024 * 1024;

/** Where the time begins that counts. */
interface Start {
  readonly timeMs: number;
  readonly cpuMicros: number;
  readonly count: number;
}

/**
 * Counts the events that a client handles, does the work on them, and when enough were counted reports to the parent and
 * ends the process. It also checks that none is missing, out of order or misread: the events' sequence numbers count
 * up, and so do their commit numbers.
 */
export class Meter {
  readonly parameters = parameters<ClientParameters>();
  private readonly workMs = this.parameters.workMs;
  private count = 0;
  private nextSequenceNumber = 1;
  private firstMs: number | undefined;
  private start: Start | undefined;
  private problem: string | undefined;
  private done = false;

  /** @param lastCommitNumber - The commit number of the topic's last event, before the first comes again. */
  constructor(private readonly lastCommitNumber: bigint) {
    endWithParent();
  }

  /** Handles one event, given two fields of its header. */
  handled(sequenceNumber: number, commitNumber: number | bigint): void {
    if (sequenceNumber !== this.nextSequenceNumber) {
      this.problem ??= `After ${this.count} events, ${sequenceNumber} came instead of ${this.nextSequenceNumber}.`;
    }
    this.nextSequenceNumber = (sequenceNumber % RING_SIZE) + 1;
    if (this.workMs > 0) keepBusy(this.workMs);
    this.add(1);
    if (this.count % EVENTS_BETWEEN_LOOKS === 0) this.checkCommitNumber(sequenceNumber, commitNumber);
  }

  /** Counts events that nobody looks into, with a look at the clock whenever `EVENTS_BETWEEN_LOOKS` more have come. */
  add(events: number): void {
    const looks = Math.floor(this.count / EVENTS_BETWEEN_LOOKS);
    this.count += events;
    if (Math.floor(this.count / EVENTS_BETWEEN_LOOKS) > looks) this.look();
  }

  /** Reports a failure, and ends the process. */
  readonly fail = (error: unknown): void => {
    console.error(error);
    process.exit(1);
  };

  private look(): void {
    const { warmUpMs, measureMs, maxEvents } = this.parameters;
    const nowMs = performance.now();
    this.firstMs ??= nowMs;
    if (this.start === undefined) {
      if (nowMs - this.firstMs >= warmUpMs) this.start = { timeMs: nowMs, cpuMicros: cpuMicros(), count: this.count };
    } else if (nowMs - this.start.timeMs >= measureMs || this.count - this.start.count >= maxEvents) {
      this.report(this.start, nowMs);
    }
  }

  private checkCommitNumber(sequenceNumber: number, commitNumber: number | bigint): void {
    const expected = this.lastCommitNumber - BigInt(RING_SIZE - sequenceNumber);
    if (BigInt(commitNumber) !== expected) {
      this.problem ??= `Event ${sequenceNumber} has commit number ${commitNumber.toString()}, not ${expected.toString()}.`;
    }
  }

  private report(start: Start, nowMs: number): void {
    if (this.done) return;
    this.done = true;
    const events = this.count - start.count;
    const result: ClientResult = {
      eventsPerSecond: (events / (nowMs - start.timeMs)) * 1_000,
      cpuMicrosPerEvent: (cpuMicros() - start.cpuMicros) / events,
      peakRssMb: (process.resourceUsage().maxRSS * 1024) / BYTES_PER_MB,
      ...(this.problem !== undefined && { problem: this.problem }),
    };
    tellParent(result, () => process.exit());
  }
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function keepBusy(durationMs: number): void {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs);
}
