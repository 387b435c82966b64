import { RING_SIZE } from '../server/topics.js';

/** A commit number is looked at once in so many events. */
const EVENTS_BETWEEN_LOOKS = 100;

/**
 * Checks that no event of a stream is missing, out of order or misread: the events' sequence numbers count up, and so
 * do their commit numbers.
 */
export class OrderCheck {
  /** What was wrong first. */
  problem: string | undefined;
  private count = 0;
  private next = 1;

  /** @param lastCommitNumber - The commit number of the topic's last event, before the first comes again. */
  constructor(private readonly lastCommitNumber: bigint) {}

  /** Takes one event, given two fields of its header. */
  take(sequenceNumber: number, commitNumber: number | bigint): void {
    if (sequenceNumber !== this.next) {
      this.problem ??= `After ${this.count} events, ${sequenceNumber} came instead of ${this.next}.`;
    }
    this.next = (sequenceNumber % RING_SIZE) + 1;
    if (++this.count % EVENTS_BETWEEN_LOOKS === 0) this.checkCommitNumber(sequenceNumber, commitNumber);
  }

  private checkCommitNumber(sequenceNumber: number, commitNumber: number | bigint): void {
    const expected = this.lastCommitNumber - BigInt(RING_SIZE - sequenceNumber);
    if (BigInt(commitNumber) !== expected) {
      this.problem ??= `Event ${sequenceNumber} has commit number ${commitNumber.toString()}, not ${expected.toString()}.`;
    }
  }
}
